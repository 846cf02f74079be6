"""The flow language and its engine: flows in YAML in, a pure function of a conversation's turn out.

    from bot.flow.load import load              # load(folder, actions=registry) -> Loaded(book, problems, sources)
    from bot.flow.engine import start, turn     # turn(book, state, input, around) -> Turn
    from bot.flow.action import ActionSpec, Registry
    from bot.flow.talk import Said, Pressed, Followed, Surroundings, ActionResult   # … what goes in and out

`turn` takes the stored bytes (None when nothing is under way) and one input; the `Turn` it returns holds the new
bytes, one to five messages, the quick choices and the effects to carry out. It reads no clock and no database and
raises nothing of itself; what an action raises passes through, so that the caller's transaction rolls back.
`start` begins a flow for the platform. Actions come in as `Surroundings.actions(name, arguments)`.
"""
