from django.apps import AppConfig


class JtelbridgeConfig(AppConfig):
    name = "jtelbridge"
