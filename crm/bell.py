"""The wake-up for the conversation: a callback waits to be brought to Salesforce."""

from callbacks.bell import Bell

PUSH_DUE = "crm.tasks.push_due"

bell = Bell(PUSH_DUE)
inspection_bell = Bell("crm.tasks.inspect_org")  # lost for good if it is lost; a person asks again
