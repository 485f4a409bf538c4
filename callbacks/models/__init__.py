"""The case store: what callers asked for, and how far each request has come."""

from callbacks.models.acd_client import AcdClient
from callbacks.models.alert import Alert, AlertMessage, AlertRules, NumberWatch
from callbacks.models.attempt import SyncAttempt
from callbacks.models.callback import Callback, FailedSync
from callbacks.models.care import Care
from callbacks.models.case_change import CaseChange
from callbacks.models.correction import Correction
from callbacks.models.job_run import JobRun
from callbacks.models.preferences import Preferences
from callbacks.models.queue import MAX_ISOLATION, Batch
from callbacks.models.rejected import RejectedRequest
from callbacks.models.replay import Replay, ReplayItem
from callbacks.models.route import AnswerField, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.models.saved_view import SavedView
from callbacks.models.staff_action import StaffAction
from callbacks.models.token import AccessToken

__all__ = [
    "MAX_ISOLATION",
    "AccessToken",
    "AcdClient",
    "Alert",
    "AlertMessage",
    "AlertRules",
    "AnswerField",
    "Batch",
    "Callback",
    "Care",
    "CaseChange",
    "Correction",
    "FailedSync",
    "FieldMapping",
    "FunctionRoute",
    "JobRun",
    "NumberWatch",
    "Preferences",
    "RejectedRequest",
    "Replay",
    "ReplayItem",
    "SavedView",
    "ServiceNumber",
    "StaffAction",
    "SyncAttempt",
]
