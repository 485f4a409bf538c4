"""Records for tests, each valid and unlike the others unless a test says so."""
# mypy: allow-untyped-calls

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from factory.declarations import LazyFunction, RelatedFactory, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory, Password

from callbacks.models import (
    AcdClient,
    Callback,
    FunctionRoute,
    RejectedRequest,
    ServiceNumber,
    SyncAttempt,
)
from callbacks.models.acd_client import digest

PASSWORD = "a quiet password"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = Sequence(lambda n: f"person{n}")
    first_name = "Petra"
    last_name = "Lindner"
    is_staff = True
    password = Password(PASSWORD)


class ClientFactory(DjangoModelFactory[AcdClient]):
    class Meta:
        model = AcdClient

    name = Sequence(lambda n: f"ACD {n}")
    secret_digest = digest("a secret")


class CallbackFactory(DjangoModelFactory[Callback]):
    class Meta:
        model = Callback
        skip_postgeneration_save = True

    class Params:
        failed = Trait(
            status="failed",
            failures=1,
            failure_code="STRING_TOO_LONG",
            failure_signature="STRING_TOO_LONG Subject Betreff: zu lang",
            failure_reason="A text is longer than its field in Salesforce.",
            failure_next_step=(
                "Shorten the template of the field named below, then requeue the callback."
            ),
            failure_detail="Betreff: zu lang",
        )
        held = Trait(status="held")
        synced = Trait(
            status="synced",
            case_id=Sequence(lambda n: f"500A0000{n:010d}"),
            case_number=Sequence(lambda n: f"{n + 1000:08d}"),
            case_url="https://acme.my.salesforce.com/500A",
        )
        put_off = Trait(
            lease_no=1,
            failures=1,
            due_at=LazyFunction(lambda: timezone.now() + timedelta(minutes=20)),
            attempt=RelatedFactory(
                "tests.factories.AttemptFactory",
                factory_related_name="callback",
                outcome=SyncAttempt.Outcome.PUT_OFF,
            ),
        )
        dismissed = Trait(status="dismissed", dismissed_at=LazyFunction(timezone.now))

    client = SubFactory(ClientFactory)
    dialect = Callback.Dialect.BASE
    received_at = LazyFunction(timezone.now)
    caller_number = Sequence(lambda n: f"49895550{n:04d}")
    caller_text = Sequence(lambda n: f"+49895550{n:04d}")
    service_number = "498946134180"
    service_name = "Hotline"
    payload = {"UserData": "Kundennummer 4711"}


class AttemptFactory(DjangoModelFactory[SyncAttempt]):
    class Meta:
        model = SyncAttempt

    callback = SubFactory(CallbackFactory, failed=True)
    lease_no = 1
    started_at = LazyFunction(lambda: timezone.now() + timedelta(seconds=1))
    duration_ms = 318
    outcome = SyncAttempt.Outcome.FAILED


class RejectedFactory(DjangoModelFactory[RejectedRequest]):
    class Meta:
        model = RejectedRequest

    received_at = LazyFunction(timezone.now)
    status = 400
    code = "unreadable"
    reason = "The text is not JSON: line 3, character 14."
    method = "POST"
    path = "/api/v1/callbacks"
    body = b'{"CallerID": <b>}'
    body_size = 17


class ServiceNumberFactory(DjangoModelFactory[ServiceNumber]):
    class Meta:
        model = ServiceNumber

    number = Sequence(lambda n: f"4989461341{n:02d}")
    name = "Hotline"


class RouteFactory(DjangoModelFactory[FunctionRoute]):
    class Meta:
        model = FunctionRoute

    name = "Störung"
    function = "Störung"
