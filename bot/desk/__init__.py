"""The desk: people answer people. Any service's flow can hand over to it (`handoff`); it knows no channel but the outbox.

Every change locks the resident first, as the conversation does, so that the two never wait for each other.
"""

from bot.desk.desk import Desk, MakeDesk, Refusal

__all__ = ["Desk", "MakeDesk", "Refusal"]
