"""自分のデータ: what is stored about a resident, shown to them, handed to them, and deleted when they say so."""

from bot.owndata.actions import ACTIONS
from bot.service import Service

service = Service("self", ACTIONS)
