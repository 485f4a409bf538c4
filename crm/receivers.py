from callbacks.signals import callback_accepted
from crm.bell import bell

callback_accepted.connect(bell.ring, dispatch_uid="crm.bell")
