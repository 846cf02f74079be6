"""The files of the tax office without its conversations: what is imported beside the measured form."""

from bot.service import Service
from handlers.tax.files import KINDS

SERVICES = ["tests.bench.taxes"]

service = Service("tax", imports=KINDS, title="自動車税")
