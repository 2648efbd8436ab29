"""What a client's record, or answers, say: FHIR resources and questionnaires turned into findings.

``fhir.py`` reads the resources.
"""
