from tests.web.small_data import data

__all__ = ["data"]
