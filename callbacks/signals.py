from django.dispatch import Signal

# Sent after a callback that is due was committed. Receivers must not wait for anything.
callback_accepted = Signal(use_caching=True)

# Sent with `template` before it is saved by a person, and with the `mapping` that it belongs to if
# there is one. A receiver raises a ValidationError for what it could not use.
template_checked = Signal()

# Sent with `route` before it is saved by a person. A receiver raises a ValidationError by field.
route_checked = Signal()

# Sent with `request` and `figures` when the state strip is shown. A receiver returns what it knows
# of the conversation with the other side, a `callbacks.admin.strip.Conversation`.
overview_opened = Signal()

# Sent with `is_in`, which says of a text whether it mentions a caller who is to be forgotten.
# A receiver deletes its own finished records that do; returns how many, and how many are left.
caller_erased = Signal()

# Sent with the `code` of a failure. A receiver returns whether its cure is in the route.
cure_sought = Signal()

# Sent with `callbacks` that are to be sent, and a list of how many `batches` they may make. A receiver
# returns how many calls each of these takes, about.
calls_estimated = Signal()

# Sent with `target`, `action` and `again` for the form of a route. A receiver returns Choices.
choices_asked = Signal()

# Sent with `callback`, `route` and `ask`, which says whether the other side may be asked. Neither
# has to be stored, and nothing may be written. A receiver returns a Trial.
route_tried = Signal()

# Sent with a `callback`. A receiver returns the Record that would be sent for it now.
record_asked = Signal()

# Sent with a `callback` and `values` that a person puts into fields of its record, by name. A
# receiver returns what is wrong with them, by name of the field.
corrections_checked = Signal()

# Sent when the daily summary is written, in the language of its reader. A receiver returns lines.
summary_written = Signal()
