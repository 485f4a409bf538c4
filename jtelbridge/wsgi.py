import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jtelbridge.settings")

application = get_wsgi_application()

# What is loaded by now stays. Looking through it again and again costs a request in twenty.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
