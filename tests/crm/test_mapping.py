"""What a callback says in a Case, with and without a route's templates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller
from crm.default_case import spoken
from crm.mapping import (
    CallbackFacts,
    MappingError,
    NoSuchFieldError,
    check_template,
    names_owner,
    recipe,
)
from crm.values import MisfitError
from crm.wire import Description
from tests.crm.objects import CASE, KEY, a_case_with, a_field, a_key, a_list, an_object

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = Caller(contact_id="003000000000001AAA", account_id="001000000000001AAA", name="Anna Meier")
ASKED_AT = datetime(2026, 11, 23, 8, 41, 3, tzinfo=UTC)
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=400)


def callback(**changes: Any) -> Callback:
    facts: dict[str, Any] = {
        "kind": Callback.Kind.CALLBACK,
        "dialect": Callback.Dialect.BASE,
        "received_at": ASKED_AT,
        "caller_text": "4989555010",
        "caller_number": "4989555010",
        "service_number": "498946134180",
        "service_name": "Service Hotline",
        "payload": {},
    }
    return Callback(**(facts | changes))


def fields_of(
    wish: Callback,
    mappings: Mapping[str, str] | None = None,
    *,
    zone: ZoneInfo = BERLIN,
    caller: Caller = NOBODY,
    description: Description = CASE,
) -> dict[str, Any]:
    return recipe(description, KEY, mappings or {}).fields(CallbackFacts(wish, zone, caller))


def case(mappings: Mapping[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    return fields_of(callback(**changes), mappings)


# --- the default Case


def test_the_default_case_says_who_wants_what() -> None:
    wish = callback(function="TICKET", payload={"UserData": "contract 17"})
    assert fields_of(wish) == {
        "Subject": "Callback for Service Hotline: +49 89 555010",
        "Description": (
            "Asked at: 2026-11-23 09:41 (Europe/Berlin)\n"
            "Number to dial: +49 89 555010\n"
            "Caller: +49 89 555010\n"
            "Service: Service Hotline (+49 89 46134180)\n"
            "Function: TICKET\n"
            "UserData: contract 17"
        ),
        "Origin": "Phone",
        "Priority": "Medium",
        "SuppliedPhone": "+4989555010",
        "Jtel_Requested_At__c": "2026-11-23T08:41:03Z",
        KEY: str(wish.id),
    }


def test_an_events_subject_and_body_are_in_the_description() -> None:
    sent = {"Subject": "Wants help", "Body": "Line 1\r\nLine 2", "AcdGroupsName": "Support"}
    description = case(payload=sent)["Description"]
    assert "Group: Support\nSubject: Wants help\n\nLine 1\nLine 2" in description


def test_the_callback_number_is_the_one_to_dial() -> None:
    fields = case(callback_text="0171 1234567", callback_number="491711234567")
    assert fields["SuppliedPhone"] == "+491711234567"
    assert fields["Subject"].endswith(": +49 171 1234567")
    assert "Caller: +49 89 555010" in fields["Description"]


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"kind": "voicemail"}, "Voice mail for Service Hotline: +49 89 555010"),
        ({"service_name": ""}, "Callback for +49 89 46134180: +49 89 555010"),
        ({"service_name": "", "service_number": ""}, "Callback: +49 89 555010"),
        ({"service_name": "", "service_number": "Hotline"}, "Callback for Hotline: +49 89 555010"),
        ({"service_name": "Two\nlines"}, "Callback for Two lines: +49 89 555010"),
        (
            {"caller_number": "", "caller_text": "anonymous"},
            "Callback for Service Hotline: anonymous",
        ),
        ({"caller_number": "", "caller_text": ""}, "Callback for Service Hotline: number unknown"),
    ],
)
def test_a_subject_is_sensible_whatever_is_missing(changes: dict[str, Any], subject: str) -> None:
    assert case(**changes)["Subject"] == subject


def test_a_number_that_cannot_be_dialled_is_kept_as_it_came() -> None:
    fields = case(caller_number="", caller_text="anonymous")
    assert fields["SuppliedPhone"] == "anonymous"
    assert "Number to dial: none" in fields["Description"]
    assert "Note: The number cannot be dialled: “anonymous”." in fields["Description"]


def test_a_callback_without_any_number_has_no_phone_field() -> None:
    fields = case(caller_number="", caller_text="")
    assert "SuppliedPhone" not in fields
    assert "Note: No number came with it." in fields["Description"]


def test_a_callback_number_that_cannot_be_dialled_gives_way_to_the_caller() -> None:
    fields = case(callback_text="extension 17")
    assert fields["SuppliedPhone"] == "+4989555010"
    assert "Note: The callback number cannot be dialled: “extension 17”." in fields["Description"]


@pytest.mark.parametrize("flag", [flag for flag in Callback.TimeFlag if flag])
def test_a_doubtful_time_is_noted(flag: Callback.TimeFlag) -> None:
    assert "\nNote: The call" in case(time_flag=flag)["Description"]


def test_a_reused_key_is_noted() -> None:
    assert "\nNote: The telephone system" in case(key_reused=True)["Description"]


def test_the_time_is_the_end_of_the_call_where_the_acd_stands() -> None:
    wish = callback(call_ended_at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    fields = fields_of(wish, zone=ZoneInfo("America/New_York"))
    assert fields["Jtel_Requested_At__c"] == "2026-07-01T12:00:00Z"
    assert fields["Description"].startswith("Asked at: 2026-07-01 08:00 (America/New_York)")


def test_numbers_of_all_regions_are_grouped_as_the_library_does() -> None:
    examples = [phonenumbers.example_number(region) for region in phonenumbers.SUPPORTED_REGIONS]
    for number in filter(None, examples):
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        parsed = phonenumbers.parse(written)
        expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        assert spoken(written[1:]) == expected


@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.from_regex(r"\A0{0,2}[1-9][0-9]{2,11}\Z"),
)
def test_any_number_is_grouped_as_the_library_does(code: int, national: str) -> None:
    zeros = len(national) - len(national.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    expected = phonenumbers.format_number(number, international)
    written = f"{code}{national}"
    assert spoken(written) == (expected if len(written) <= 15 else written)


@pytest.mark.parametrize(
    ("number", "said"), [("", ""), ("999", "+999"), ("49", "+49"), ("anna", "anna"), ("٤٩", "٤٩")]
)
def test_what_is_no_number_is_said_as_it_is(number: str, said: str) -> None:
    assert spoken(number) == said


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
