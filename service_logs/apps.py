from django.apps import AppConfig


class ServiceLogsConfig(AppConfig):
    name = "service_logs"
    verbose_name = "服务"
