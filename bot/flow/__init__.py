"""The flow language and its engine: conversations written in YAML by staff, run by a pure function, one turn at a time.

    from bot.flow.load import load              # load(folder, actions=registry) -> Loaded(book, problems, sources, …)
    from bot.flow.engine import start, turn     # turn(book, state, input, around) -> Turn
    from bot.flow.action import ActionSpec, Registry
    from bot.flow.talk import Said, Pressed, Followed, Sent, Overtaken, Surroundings, ActionResult

`turn` takes the stored bytes (None when nothing is under way) and one input; the `Turn` it returns holds the new
bytes, one to five messages, the quick choices and the effects to carry out (`LanguageChosen`, `Filed`, `Consented`).
It reads no clock and no database and raises nothing of itself; what an action raises passes through, so that the
caller's transaction rolls back. `start` begins a flow for the platform, on top of what is under way.

The way of a file: `source` (YAML with places) → `model` (what may be written) → `compile` → `program` (what runs).
The way of a turn: `engine` (what came in) → `answering` and `steps` (what follows) → `asking`, `offers`, `saying`
(what is said) → `render` (what a channel can carry). For authors: `lint`, `report`, `transcript`, `recorder`,
`coverage`, `outline`, `diagram`, `schema`, and the commands in `cli`.
"""
