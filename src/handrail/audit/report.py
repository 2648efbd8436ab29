"""TEMP"""


def report(made):
    return "<html></html>"
