"""What must be true before web processes are worth starting, said in sentences instead of a worker's traceback."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from bot import migrate
from bot.config import Settings, is_loopback
from bot.db import Database
from bot.editions import Editions, FlowsBroken, in_force, read_folder
from bot.now import Now
from bot.service import load_services


def obstacle(settings: Settings) -> str | None:
    """Return what keeps this installation from starting, and the remedy; None when nothing does."""
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.read() as connection:
            found = migrate.current(connection)
        if migrate.is_behind(found):
            return (
                f"the database is at {found or 'nothing'}, the code needs {migrate.head()}: run `madoguchi db upgrade`"
            )
        editions = Editions(database, load_services(settings.services), settings.flows, Now())
        with database.read() as connection:
            first = in_force(connection) is None
        if first and not is_loopback(settings.line_api_base):
            # Residents must not be the first to see that a telephone number is still to be filled in.
            editions.check(read_folder(settings.flows), strict=True)
        editions.begin()
    except SQLAlchemyError as error:
        return f"the database does not answer ({type(error).__name__}): check DATABASE_URL"
    except FlowsBroken as error:
        return str(error)
    finally:
        database.close()
    return None
