"""What a hostile template can do: nothing but fail alone."""

from typing import Any

import pytest

from crm.templating import (
    MOST_CHARACTERS,
    MOST_FILTERS,
    MappingError,
    Texts,
    check_template,
    rendered,
    rendering_of,
)

FACTS: dict[str, str | Texts] = {
    "name": "anna",
    "body": "x" * 32_000,
    "fields": Texts(lambda name: "7" if name == "Skill" else ""),
}


def printed(template: str) -> str:
    return rendering_of("F__c", template)(FACTS)


INSIDE = [
    "template",
    "template.engine",
    "template.engine.template_builtins",
    "template.engine.template_builtins.clear",
    "template.engine.get_default",
    "template.nodelist.clear",
    "template.source",
    "dicts",
    "dicts.clear",
    "dicts.0.True",
    "render_context",
    "render_context.template",
    "autoescape",
    "use_tz",
    "pop",
    "push",
    "flatten",
    "new",
    "update",
    "request",
    "settings.SECRET_KEY",
    "name.delete",
    "name._meta.model",
    "callback",
    "callback.client.secret_digest",
    "fields.Skill.pop",
    "fields.items",
    "fields.keys",
    "fields.text",
]


@pytest.mark.parametrize("name", INSIDE)
@pytest.mark.parametrize(
    "form",
    [
        "{{{{ {0} }}}}",
        "{{{{ {0}|default:'' }}}}",
        "{{% if {0} %}}seen{{% endif %}}",
        "{{% with a={0} %}}{{{{ a }}}}{{% endwith %}}",
        "{{% firstof {0} %}}",
    ],
)
def test_nothing_but_the_facts_can_be_seen(form: str, name: str) -> None:
    template = form.format(name)
    if "._" in name:
        with pytest.raises(MappingError, match="cannot be read"):
            printed(template)
    else:
        assert printed(template) == ""


@pytest.mark.parametrize("name", [name for name in INSIDE if "._" not in name])
def test_nor_by_the_arguments_of_a_filter(name: str) -> None:
    try:
        assert printed(f"{{{{ nothing|default:{name} }}}}") == ""
    except MappingError as error:
        assert error.sentence.endswith("(VariableDoesNotExist).")  # noqa: PT017 - either is right


def test_an_unknown_variable_is_empty_anywhere() -> None:
    assert printed("{{ nothing }}{{ name|cut:nothing }}{{ nothing|default:nothing }}") == "anna"
    assert printed("{% if nothing or nothing == '' and not None %}empty{% endif %}") == "empty"


def test_templates_work_after_all_that() -> None:
    for name in INSIDE:
        if "._" not in name:
            printed(f"{{{{ {name}|default:'' }}}}")
    assert printed("{{ name|upper }} {{ fields.Skill }}") == "ANNA 7"


@pytest.mark.parametrize(
    "template", ["{{ fields }}", "{{ fields|default:'' }}", "{% firstof fields %}"]
)
def test_a_group_of_facts_prints_nothing(template: str) -> None:
    assert printed(template) == ""


def test_what_a_template_names_is_forgotten_after_it() -> None:
    assert printed("{% firstof 'mine' as name %}{{ name }}") == "mine"
    assert printed("{{ name|lower }}") == "anna"


@pytest.mark.parametrize(
    "template",
    [
        "x" * (MOST_CHARACTERS + 1),
        "{{ body" + "|title" * (MOST_FILTERS + 1) + " }}",
        "{% if name" + "|title" * (MOST_FILTERS + 1) + " %}{% endif %}",
    ],
)
def test_a_template_is_bounded(template: str) -> None:
    with pytest.raises(MappingError, match=r"may have 5000 characters and 50 filters"):
        check_template(template)


def test_what_is_printed_is_bounded() -> None:
    most = "{{body}}" * (MOST_CHARACTERS // 8)
    assert len(printed(most)) == 32_000 * 625
    assert len(printed("{{ body" + "|title" * MOST_FILTERS + " }}")) == 32_000


@pytest.mark.parametrize(
    "template",
    [
        "{% if " + "not " * 1_200 + "name %}x{% endif %}",
        "{% if name %}" * 250 + "{% endif %}" * 150,
        "{{ name.format }}{{ 1e999|slice:':1' }}{{ 9" + "9" * 4_500 + " }}",
        "{{ name|slice:'::0' }}{{ name|truncatechars:name }}",
        "{{ _('%(x)s') }}",
        "{{ ''|first|last|first }}",
    ],
)
def test_whatever_a_template_does_is_a_text_or_a_mapping_error(template: str) -> None:
    try:
        text: Any = printed(template)
    except MappingError as error:
        assert error.field == "F__c"  # noqa: PT017 - either way is right
    else:
        assert isinstance(text, str)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{{ name }}{{ nothing }}{{ name.x }}{{ nothing.y }}", "anna"),
        ("{{ True }}{{ None }}{{ 7 }}{{ 'text' }}", "TrueNone7text"),
        ("{# said #}{{ fields.Skill }}{% comment %}no{% endcomment %}", "7"),
        ("{{ fields.Nothing }}{{ fields.Skill.0 }}{{ name.upper }}", "7ANNA"),
        ("{{ fields.Nothing|default:'none'|upper }} {{ name|slice:':2'|length }}", "NONE 2"),
        ("{{ name|cut:fields.Skill|first|yesno:'a,b' }}{{ nothing|default_if_none:'x' }}", "a"),
        (
            "{{ name|truncatechars:3 }} {{ name|default:'<&>' }}{{ nothing|default:'<&>' }}",
            "an… anna<&>",
        ),
        ("{% if name %}a{{ name }}{% endif %}{% if nothing %}b{% endif %}", "aanna"),
        ("{% if nothing %}a{% elif name == 'anna' %}b{% else %}c{% endif %}", "b"),
        ("{% if name and not nothing or True and False %}a{% else %}c{% endif %}", "a"),
        (
            "{% if name|length > 3 and 'nn' in name %}a{% if fields.Skill == '7' %}b{% endif %}{% endif %}",
            "ab",
        ),
        (
            "{% if None %}a{% endif %}{% if nothing is None %}b{% endif %}{% if name < 3 %}c{% endif %}",
            "",
        ),
        ("{% if nothing|default:name.x.y %}a{% else %}b{% endif %}", "b"),
        ("{% if name %}{{ name|cut:nothing }}{% endif %}", "anna"),
    ],
)
def test_with_and_without_the_engine_it_reads_the_same(template: str, text: str) -> None:
    assert printed(template) == text
    assert printed(template + "{% with a=name %}{% endwith %}") == text


RECORD = {"Name": "Anna", "IsClosed": False, "Count": 3, "Gone": None, "Account": {"Name": "Acme"}}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ record.Name }}{{ record.Gone }}", "Anna"),
        ("{{ record.Account.Name }} {{ record.Account.Nothing }}", "Acme "),
        ("{% if record.IsClosed %}closed{% else %}open{% endif %} {{ record.Count }}", "open 3"),
        ("{{ record.clear }}{{ record.Account.clear }}{{ record }}", ""),
    ],
)
def test_records_can_be_printed_and_not_changed(template: str, text: str) -> None:
    assert rendered("F__c", template, {"record": RECORD}) == text
    assert RECORD["Account"] == {"Name": "Acme"}
