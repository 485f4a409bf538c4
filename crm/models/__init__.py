"""What we remember of the org: how the conversation goes, what it looks like, what is wrong."""

from crm.models.case_update import CaseUpdate
from crm.models.comment import SentComment
from crm.models.finding import Finding, ReconciliationRun
from crm.models.inspection import Inspection
from crm.models.org import Org
from crm.models.passthrough import PassThroughResource
from crm.models.query import NamedQuery, QueryAnswerField
from crm.models.schema import ObjectDescription, Queue
from crm.models.sent_record import SentRecord
from crm.models.stored_request import StoredRequest
from crm.models.usage import ApiCalls

__all__ = [
    "ApiCalls",
    "CaseUpdate",
    "Finding",
    "Inspection",
    "NamedQuery",
    "ObjectDescription",
    "Org",
    "PassThroughResource",
    "QueryAnswerField",
    "Queue",
    "ReconciliationRun",
    "SentComment",
    "SentRecord",
    "StoredRequest",
]
