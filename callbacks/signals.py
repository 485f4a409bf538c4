from django.dispatch import Signal

# Sent after a callback that is due was committed. Receivers must not wait for anything.
callback_accepted = Signal()
