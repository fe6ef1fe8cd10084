"""Describe: what objects and fields there are. Only keys a client of records can need are present.

Source: REST API developer guide, "Describe Global" and "sObject Describe".
"""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.objects import NUMBERS, OBJECTS, TEXTS, Field, SObject

Reply = dict[str, Any]
READ_ONLY_OBJECTS = ("Organization", "User", "ContentDocument")
SOAP = {"boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double", "currency": "xsd:double"}


def everything(root: str) -> Reply:
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_brief(one, root) for one in OBJECTS.values()]}


def one(sobject: SObject, root: str) -> Reply:
    children = [
        {"childSObject": other.name, "field": field.name, "relationshipName": field.child, "deprecatedAndHidden": False}
        for other, field in sobject.children()
    ]
    fields = [_field(field) for field in sobject.fields.values()]
    return _brief(sobject, root) | {"fields": fields, "childRelationships": children, "recordTypeInfos": []}


def _brief(sobject: SObject, root: str) -> Reply:
    path, writable = f"{root}/sobjects/{sobject.name}", sobject.name not in READ_ONLY_OBJECTS
    return {
        "name": sobject.name,
        "label": sobject.name,
        "labelPlural": sobject.plural,
        "keyPrefix": sobject.prefix,
        "custom": sobject.name.endswith("__c"),
        "createable": writable,
        "updateable": writable,
        "deletable": writable or sobject.name == "ContentDocument",
        "queryable": True,
        "retrieveable": True,
        "searchable": False,
        "urls": {"sobject": path, "describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}"},
    }


def _field(field: Field) -> Reply:
    number, reference = field.type in NUMBERS, field.type == "reference"
    targets = [name for name in OBJECTS if field.target in ("*", name)] if reference else []
    return {
        "name": field.name,
        "label": field.name.removesuffix("__c").replace("_", " "),
        "type": field.type,
        "soapType": SOAP.get(field.type, "xsd:string"),
        "length": field.length if field.type in TEXTS or reference or field.type == "id" else 0,
        "byteLength": field.length * 3 if field.type in TEXTS else field.length,
        "precision": 18 if field.type in ("double", "currency") else 0,
        "scale": 2 if number and field.type != "int" else 0,
        "digits": 9 if field.type == "int" else 0,
        "nillable": "required" not in field.flags and field.type not in ("boolean", "id"),
        "createable": field.creatable,
        "updateable": field.updateable,
        "defaultedOnCreate": field.default is not None,
        "defaultValue": None if field.default == "user" else field.default,
        "externalId": "external" in field.flags,
        "idLookup": "external" in field.flags or field.type == "id",
        "unique": "unique" in field.flags,
        "caseSensitive": False,
        "custom": field.custom,
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and not number,
        "nameField": field.name in ("Name", "CaseNumber", "OrderNumber", "Subject"),
        "autoNumber": field.name in ("CaseNumber", "OrderNumber", "OrderItemNumber"),
        "calculated": False,
        "restrictedPicklist": "restricted" in field.flags,
        "picklistValues": [
            {"value": value, "label": value, "active": True, "defaultValue": value == field.default}
            for value in field.values
        ],
        "referenceTo": targets,
        "relationshipName": field.parent or None,
    }
