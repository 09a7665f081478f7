"""The tables of 两法衔接 (criminal transfer) and 移送行政拘留, of all sides.

Each organ keeps its own file, an engine's case; rows of one transfer are tied by ``transfer_no``. Rows carry ``confined``, the organs
that may see them, and the database shows no others (row-level security).
"""

from __future__ import annotations

from app.transfers.models_bureau import (
    Consultation,
    PlatformEntry,
    Transfer,
    TransferFile,
    TransferHandover,
    TransferHold,
    TransferObjection,
    TransferOutcome,
    TransferParty,
    TransferProgress,
    TransferQuestion,
    TransferReverse,
    TransferScreening,
    TransferSearch,
)
from app.transfers.models_detention import Detention, DetentionNotice, DetentionPerson, DetentionPolice
from app.transfers.models_package import TransferLetter, TransferPackage, TransferPackageItem
from app.transfers.models_partner import (
    TransferChallenge,
    TransferFollowUp,
    TransferPolice,
    TransferPoliceDecision,
    TransferProcurator,
    TransferRequest,
    TransferSupervision,
)
from app.transfers.models_penalty import PenaltyCase

__all__ = [
    "Consultation",
    "Detention",
    "DetentionNotice",
    "DetentionPerson",
    "DetentionPolice",
    "PenaltyCase",
    "PlatformEntry",
    "Transfer",
    "TransferChallenge",
    "TransferFile",
    "TransferFollowUp",
    "TransferHandover",
    "TransferHold",
    "TransferLetter",
    "TransferObjection",
    "TransferOutcome",
    "TransferPackage",
    "TransferPackageItem",
    "TransferParty",
    "TransferPolice",
    "TransferPoliceDecision",
    "TransferProcurator",
    "TransferProgress",
    "TransferQuestion",
    "TransferRequest",
    "TransferReverse",
    "TransferScreening",
    "TransferSearch",
    "TransferSupervision",
]
