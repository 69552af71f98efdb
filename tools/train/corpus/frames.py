"""Sentences around a thing to ask about: {x} is a noun, a deed or a complaint, as the kind of frame says.

The first two of each kind are the plainest ones, always in the training.
"""

WHAT = """
{what} {x}
{x}
what does {x} mean
what do {x} mean
{x} meaning
{x} definition
{x} explained
explain {x} (simply|in simple words|briefly|please|to a beginner|to me like i'm five|in one sentence)
(meaning|definition) of {x}
can you tell me what {x} is
could you (please |)(tell|explain to) me what {x} is
i (don't|do not) (know|understand|get) what {x} is
i have no idea what {x} is
what is this {x} (thing|stuff|)
(so |)what's {x} all about
what is {x} (good for|for|used for|about)
what's the (point|purpose|idea|use) of {x}
what do (they|people|you) mean (by|with|when they say) {x}
i (keep seeing|keep reading|often read|saw|came across|stumbled over|read about) {x}(, what is it|, what is that|. what does it mean|)
somebody (mentioned|talked about|told me about) {x}(, what is it|, what did he mean|)
(the docs|the manual|a forum post|an article|the website|a friend) (mentions|mention|speaks of|talks about) {x}(, what is that|, what does it mean|)
never heard of {x}(, what is it|)
what is {x} in (hearth|this context|an llm|plain english|simple terms)
how does {x} work
how do {x} work
why (do i need|would i need|should i care about|would i want) {x}
what does hearth mean by {x}
is there a (simple|short) explanation (of|for) {x}
{x}, what is that
{x}, what does it mean
tell me (something|a bit|a little) about {x}
do you know what {x} is
what kind of thing is {x}
(i'm confused about|i am confused by|i wonder about|i was asking myself about) {x}
what are {x}
"""

HOW = """
{how} {x}
how do i {x}
{x}
{x}, how
{x} how to
how does one {x}
(what's|what is) the (best|easiest|quickest|proper|right|correct|usual|simplest) way to {x}
i('d| would) like to {x}(, how|, what do i type|. how does that work|, please|)
i (want|need|wish) to {x}(, how|, what do i do|. how does that work|, what is the command|)
(is there|do you have|do you know) a (command|way|trick|method|shortcut) to {x}
(which|what) command (do i use|do i need|is there|should i type|must i run|lets me|is used) to {x}
i'm trying to {x}(, what do i do|, how does it work|. any hints|)
(i am|i'm) not sure how to {x}
(please |)help me {x}
can you help me (to |)(please |){x}
could you (please |)(tell|show|explain to) me how (i can|i could|to) {x}
teach me (how |)to {x}
what (must|should|do) i (do|type|enter|run|write) (in order |)to {x}
what are the steps to {x}
let me {x}
i have to {x}(, how do i do that|, what now|)
i (don't|do not) (know|understand|remember) how to {x}
i forgot how to {x}
{x} command
the command to {x}(, please|)
(any|some) (tips|advice|hints|idea) on how to {x}
if i want to {x}, what (do|must|should) i (do|type)
when i want to {x}, what do i (do|type|enter)
how (would|could|might|should) (i|one|you|we) {x}
how am i supposed to {x}
what is the syntax to {x}
instructions to {x}
(for my work|at home|for a test|for a project) i (need|want|have) to {x}
my (colleague|friend|boss|son) (wants|needs) to {x}(, how|)
(can you|please) explain (step by step |)how to {x}
is it hard to {x}
"""

CAN = """
{can} {x}
can i {x}
is there (any|a) way to {x}
would it be (possible|ok|fine|allowed|okay) to {x}
does hearth (allow|permit|let) (me|us|users|one) (to |){x}
(i wonder|i was wondering|not sure|i'd like to know|i want to know) (if|whether) i can {x}
will i be able to {x}
do you know (if|whether) (i|one|we) can {x}
is it (feasible|supported|possible|ok|okay|a problem|fine) to {x}
what if i want to {x}
(i hope|i suppose|i guess) i can {x}
can (we|one|somebody|a user) {x}
{x} possible
{x}, (is that possible|possible|does that work|can i do that|is that allowed)
i want to {x}, (is that possible|can i|does that work|may i|will it work)
tell me (if|whether) i can {x}
(may|could|might) i (also |just |simply |){x}
is there a possibility to {x}
is it somehow possible to {x}
"""

DOES = """
{does} {x}
does hearth {x}
(can|could|will|would|does) (hearth|it|this program|this app|the program|this tool) (also |really |actually |){x}
(i wonder|i was wondering|i'd like to know|not sure|i want to know) (if|whether) (hearth|it) can {x}
is (hearth|it|this program) able to {x}
do you know (if|whether) (hearth|it) can {x}
(hearth|it) can {x}, (right|correct|can't it|yes)
is (hearth|it) (capable of|built to|made to) {x}
is there a way to make (hearth|it) {x}
i (want|need) (hearth|it) to {x}
(hearth|it) should {x}, (can it|does it|is that possible)
tell me (if|whether) (hearth|it) can {x}
"""

WRONG = """
{x}
{x}{fix}
{x}, (what now|what can i do|help|why|any idea|any ideas|what should i do|please help|what is wrong|what to do)
{x}. (why|why is that|what now|help|what can i do|how do i fix (that|it|this)|what is the reason|what's going on|what could it be)
{x}, how (do|can|could) i (fix|solve|change|repair|avoid|prevent) (that|it|this)
(help|help me|hello|hi)! {x}
(i have a problem|problem|i've got an issue|my issue|my problem|issue|trouble|question|bug): {x}
(it seems|it looks like|i think|i noticed|i notice|i see|i have seen|i am afraid|it appears) (that |){x}
(somehow|suddenly|since today|since yesterday|again|unfortunately|always|strangely|weird,|for some reason|sometimes|all the time) {x}
what (should|can|could|do|must) i do (if|when|because) {x}
what (helps|to do|can one do|is to be done) (if|when) {x}
why is it that {x}
how come {x}
(can|could) you (explain|tell me) why {x}
(do you|does anybody|does anyone) know why {x}
i (don't|do not) (understand|know|get) why {x}
what does it mean (when|if|that) {x}
what is the (reason|cause|explanation) (if|when|that) {x}
{x}. is (that|this) (normal|ok|a bug|expected|a known problem)
i'm (annoyed|frustrated|confused|stuck|worried|lost) because {x}
(sorry but|ok so|hm,|ugh,|argh,|well,|damn,|hey,|look,) {x}
(i tried everything but|i did what the manual says but|it worked before but now|everything is installed but|i just installed hearth and|i followed the guide and) {x}
is there (a fix|a cure|a remedy|something i can do|a solution|anything to do) when {x}
{x} all the time
{x} and i don't know (why|what to do)
"""

WHERE = """
{where} {x}
where (is|are) {x}
where (can|do|could|should|would) i (find|see|look for|get to) {x}
where (did|does) hearth (put|keep|store|save) {x}
(in which|in what|what|which) (folder|directory|place) (is|are|contains|holds) {x}
{x} (location|path|folder|directory)
{x}, where (is it|are they|do i find that|is that)
(what is|what's) the (path|location|full path) (of|to|for) {x}
(location|path|folder|place) of {x}
i (can't|cannot|can not|don't|do not) find {x}
i('m| am) (looking|searching) for {x}
(show|tell) me (the place of|where to find|where i can find|the path of|the folder of) {x}
where on (disk|my disk|my computer|the hard drive|my drive) (is|are) {x}
do you know where {x} (is|are)
i (need|want) to (find|open|see|back up|locate) {x}(, where|, where is it|)
{x} where
"""

WHICH = """
which {x}
what {x}
(tell|show) me which {x}
(can|could) you (please |)tell me which {x}
(do you know|i wonder|i would like to know|i'd like to know|i'm not sure|i don't know|i want to know) which {x}
(and|so|ok,) which {x}
please (tell me|say|explain) which {x}
"""

FRAMES = {name: [line for line in text.splitlines() if line]
          for name, text in (("what", WHAT), ("how", HOW), ("can", CAN), ("does", DOES), ("wrong", WRONG), ("where", WHERE), ("which", WHICH))}
