"""What routes make of a callback, by what the org describes."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.models import Callback
from callbacks.models.queue import Caller
from crm.mapping import MappingError, NoSuchFieldError, check_template, names_owner, recipe
from crm.values import MisfitError
from tests.crm.mapped import callback, case, fields_of
from tests.crm.objects import CASE, KEY, a_case_with, a_field, a_key, a_list, an_object

ANNA = Caller(contact_id="003000000000001AAA", account_id="001000000000001AAA", name="Anna Meier")
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=400)


# --- templates


def test_a_template_replaces_and_adds() -> None:
    fields = case(
        {"Subject": "VIP: {{ default.Subject }}", "Skill__c": "{{ fields.SkillsValue1 }}"},
        payload={"SkillsValue1": 7},
    )
    assert fields["Subject"] == "VIP: Callback for Service Hotline: +49 89 555010"
    assert fields["Skill__c"] == "7"
    assert fields["Origin"] == "Phone"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ number_to_dial }}", "+491711234567"),
        ("{{ caller_number }}", "+4989555010"),
        ("{{ caller_text }}", "089 555010"),
        ("{{ callback_number }}", "+491711234567"),
        ("{{ callback_text }}", "0171 1234567"),
        ("{{ service_number }}", "+498946134180"),
        ("{{ service_name }}", "Service <Hotline>"),
        ("{{ function }}", "TICKET"),
        ("{{ user_data }}{{ user_data2 }}{{ user_data3 }}", "one2true"),
        ("{{ subject }}/{{ body }}/{{ group }}", "S/B/G"),
        ("{{ kind }}", "callback"),
        ("{{ asked_at }}", "2026-11-23 09:41"),
        ("{{ asked_at_utc }}", "2026-11-23T08:41:03Z"),
        ("{{ received_at }}", "2026-11-23 09:41"),
        ("{{ fields.Nested }}", '{"a":[1]}'),
        ("{% if function == 'TICKET' %}High{% else %}Low{% endif %}", "High"),
        ("{{ user_data|upper|truncatechars:2 }}", "O…"),
        ("{% firstof nothing group %}", "G"),
    ],
)
def test_each_variable_prints_text(template: str, value: str) -> None:
    sent = {"UserData": "one", "UserData2": 2, "UserData3": True, "Nested": {"a": [1]}}
    fields = case(
        {"Note__c": template},
        caller_text="089 555010",
        callback_text="0171 1234567",
        callback_number="491711234567",
        service_name="Service <Hotline>",
        function="TICKET",
        payload=sent | {"Subject": "S", "Body": "B", "AcdGroupsName": "G"},
    )
    assert fields["Note__c"] == value


def test_the_key_of_the_callback_can_be_printed() -> None:
    fields = case({"Note__c": "{{ callback_id }}"})
    assert fields["Note__c"] == fields[KEY]


@pytest.mark.parametrize("template", ["", "   ", "{{ nothing }}", "{{ fields.Nothing.at.all }}"])
def test_what_prints_nothing_leaves_the_field_out(template: str) -> None:
    assert not {"Priority", "Note__c"} & case({"Priority": template, "Note__c": template}).keys()


def test_a_field_is_the_same_field_in_any_case() -> None:
    fields = case({"subject": "Mine", "suppliedphone": "1\n2"})
    assert (fields["Subject"], fields["SuppliedPhone"]) == ("Mine", "1 2")
    assert not {"subject", "suppliedphone"} & fields.keys()


@pytest.mark.parametrize("field", [KEY, KEY.lower(), "attributes", "Id"])
def test_some_fields_are_not_for_templates(field: str) -> None:
    with pytest.raises(MappingError) as caught:
        case({field: "x"})
    assert caught.value.field == field


BROKEN = [
    "{{ }}",
    "{{ a|nope }}",
    "{{ open",
    "close }}",
    "{% if %}x{% endif %}",
    "{% if a %}x",
    "{% load i18n %}",
    "{% include 'x' %}",
    "{% extends 'x' %}",
    "{% for a in b %}{% endfor %}",
    "{% now 'Y' %}",
    "{% debug %}",
    "{% url 'admin:index' %}",
    "{{ a|center:'1000000000' }}",
    "{{ a.__class__ }}",
]


@pytest.mark.parametrize("template", BROKEN)
def test_a_broken_template_is_told_with_its_field(template: str) -> None:
    with pytest.raises(MappingError) as caught:
        case({"Note__c": template})
    assert caught.value.field == "Note__c"
    assert str(caught.value).startswith("Note__c: The template cannot be read: ")
    with pytest.raises(MappingError, match=r"^The template cannot be read: .*[^.]\.$"):
        check_template(template)


def test_a_sound_template_passes_the_check() -> None:
    check_template("Callback for {{ service_name|default:'us' }} {# thanks #}")


def test_an_owner_is_noticed_in_any_case() -> None:
    assert names_owner(case({"ownerid": "005000000000001AAA"}))
    assert not names_owner(case({"OwnerId": "{{ nothing }}", "Subject": "OwnerId"}))


# --- what the org describes


def test_a_field_that_the_org_does_not_have_is_told() -> None:
    with pytest.raises(NoSuchFieldError, match=r"^Nope__c: The field does not exist") as caught:
        case({"Nope__c": "{{ function }}"})
    assert caught.value.field == "Nope__c"


def test_a_field_that_our_user_may_not_fill_is_told() -> None:
    with pytest.raises(NoSuchFieldError, match=r"^CaseNumber: Our user may not fill this field"):
        case({"CaseNumber": "7"})


def test_an_empty_template_asks_for_no_field() -> None:
    assert "Nope__c" not in case({"Nope__c": ""})


def test_a_text_without_variables_is_looked_at_before_any_callback() -> None:
    with pytest.raises(MisfitError, match=r"^Priority: “Urgent” is not in the list"):
        recipe(CASE, KEY, {"Priority": "Urgent"})


def test_a_value_from_a_callback_is_looked_at_too() -> None:
    mapped = {"Priority": "{{ fields.Urgency }}"}
    assert case(mapped, payload={"Urgency": "Low"})["Priority"] == "Low"
    with pytest.raises(MisfitError, match=r"^Priority: “17” is not in the list"):
        case(mapped, payload={"Urgency": 17})


def test_values_have_the_type_of_their_field() -> None:
    described = a_case_with(
        a_field("Urgent__c", "boolean", 0),
        a_field("Count__c", "int", 0),
        a_field("At__c", "datetime"),
    )
    mapped = {"Urgent__c": "yes", "Count__c": "{{ fields.Count }}", "At__c": "2026-07-01 12:00"}
    new_york = ZoneInfo("America/New_York")
    wish = callback(payload={"Count": "007"})
    fields = fields_of(wish, mapped, description=described, zone=new_york)
    assert (fields["Urgent__c"], fields["Count__c"]) == (True, 7)
    assert fields["At__c"] == "2026-07-01T16:00:00Z"


def test_our_own_choices_are_left_out_where_the_list_lacks_them() -> None:
    described = a_case_with(a_list("Origin", "Telefon"), without="Priority")
    assert not {"Origin", "Priority"} & fields_of(callback(), description=described).keys()


def test_a_default_text_that_is_hidden_is_told() -> None:
    with pytest.raises(NoSuchFieldError, match=r"^SuppliedPhone: "):
        recipe(a_case_with(without="SuppliedPhone"), KEY, {})
    assert recipe(a_case_with(without="SuppliedPhone"), KEY, {"SuppliedPhone": ""})


def test_another_kind_of_record_gets_what_the_route_says_and_the_key() -> None:
    described = an_object("Callback_Request__c", a_key(), a_field("Number__c", "phone", 40))
    wish = callback()
    fields = fields_of(wish, {"Number__c": "{{ default.SuppliedPhone }}"}, description=described)
    assert fields == {"Number__c": "+4989555010", KEY: str(wish.id)}


# --- the caller


def test_a_caller_who_is_known_is_linked() -> None:
    fields = fields_of(callback(), caller=ANNA)
    assert (fields["ContactId"], fields["AccountId"]) == (ANNA.contact_id, ANNA.account_id)


@pytest.mark.parametrize(
    ("mapped", "linked"),
    [
        ({"ContactId": ""}, set()),
        ({"contactid": "003000000000002AAA"}, {"ContactId"}),
        ({"AccountId": ""}, {"ContactId"}),
    ],
)
def test_what_the_route_says_of_the_caller_counts_more(
    mapped: dict[str, str], linked: set[str]
) -> None:
    fields = fields_of(callback(), mapped, caller=ANNA)
    assert {"ContactId", "AccountId"} & fields.keys() == linked


def test_a_link_that_our_user_may_not_fill_is_left_out() -> None:
    fields = fields_of(callback(), caller=ANNA, description=a_case_with(without="AccountId"))
    assert {"ContactId", "AccountId"} & fields.keys() == {"ContactId"}


def test_several_callers_are_a_list_and_no_guess() -> None:
    candidates = tuple(
        {"object": "Contact", "id": f"00300000000000{n}AAA", "name": name}
        for n, name in enumerate(["Anna Meier", "Bernd Meier"])
    )
    fields = fields_of(callback(), caller=Caller(candidates=candidates))
    assert "ContactId" not in fields
    assert (
        "Possible callers:\n"
        "Anna Meier (Contact 003000000000000AAA)\n"
        "Bernd Meier (Contact 003000000000001AAA)"
    ) in fields["Description"]


def test_a_caller_who_could_not_be_found_out_is_noted() -> None:
    fields = fields_of(callback(), caller=Caller(is_uncertain=True))
    assert "Note: It could not be found out in Salesforce who called." in fields["Description"]


def test_templates_can_name_the_caller() -> None:
    template = "{{ caller.name }} {{ caller.contact_id }} {{ caller.account_id }}{{ caller.other }}"
    fields = fields_of(callback(), {"Note__c": template}, caller=ANNA)
    assert fields["Note__c"] == f"Anna Meier {ANNA.contact_id} {ANNA.account_id}"


# --- whatever comes


@given(
    st.builds(
        callback,
        caller_text=ANYTHING,
        caller_number=st.sampled_from(["", "4989555010", "390612345678"]),
        callback_text=ANYTHING,
        service_number=ANYTHING | st.from_regex(r"\A[0-9]{1,60}\Z"),
        service_name=ANYTHING,
        function=ANYTHING,
        time_flag=st.sampled_from(Callback.TimeFlag.values),
        payload=st.dictionaries(
            st.sampled_from(["UserData", "Subject", "Body"]) | ANYTHING,
            ANYTHING | st.integers() | st.none() | st.lists(ANYTHING) | st.floats(),
            max_size=4,
        ),
    ),
    st.dictionaries(
        st.sampled_from(["Subject", "Priority", "Note__c", "Comments"]),
        ANYTHING | st.sampled_from([*BROKEN, "{{ fields.UserData }}", "{{ body|title }}"]),
    ),
)
def test_any_callback_becomes_a_case_or_a_mapping_error(
    wish: Callback, mappings: dict[str, str]
) -> None:
    try:
        fields = fields_of(wish, mappings)
    except MappingError as error:
        assert error.field in mappings  # noqa: PT017 - either way is right
        return
    for name, text in fields.items():
        assert text
        length = CASE.fields[name].length or 255
        assert len(text.encode("utf-16-le")) <= 2 * length
