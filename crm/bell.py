"""The wake-up for the conversation: a callback waits to be brought to Salesforce."""

from callbacks.bell import Bell

PUSH_DUE = "crm.tasks.push_due"

bell = Bell(PUSH_DUE)
