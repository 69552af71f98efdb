"""More ways of greeting, thanking, praising and grumbling."""
from .phrases import ways

ways("hello", """
(hi|hello|hey|hallo|hiya|heya|hullo|yo|howdy|salut|ahoy|greetings|welcome|sup|morning|evening|moin|servus|aloha)
(hi|hello|hey|good morning|good evening|good afternoon|good day|greetings|hiya) (hearth|there|you|friend|my friend|hearth-guide|computer|guide|little
    model|assistant|bot|ai|everyone|all|again|sir|mate|buddy|dear)
(hi|hello|hey)(, | )(i am|i'm|my name is|this is|here is) (anna|tom|peter|maria|new here|back|a new user|ben|lena|omar|your new user)
(hi|hello|hey)(, | )(nice to see you|good to see you|how do you do|pleased to meet you|glad to be here|i am back|here i am|anyone home|are you there|
    are you awake)
(good morning|good evening|good afternoon|good day|a good day to you|a very good morning|top of the morning)
(is anybody|anybody|is anyone|anyone|is somebody) (there|home|in|listening|awake|here)
(are|r) (you|u) (there|awake|listening|ready|up|online now)
(knock knock|hello world|hey hey|hi hi|hello again|hi again|long time no see|let's start|i am here|here i am|wake up)
(hii|hiii|hellooo|heyyy|helo|hy|ello|hallo hallo)
(just |i just wanted to |i want to |)(say hi|say hello|saying hi|saying hello|greet you)
(nice|pleased|glad|good) to meet you
""")

ways("how-are-you", """
how (are|r) (you|u|things|we)( doing| feeling| today| now| this morning| tonight| going| these days| getting on| keeping|)
how (is|was|'s) (it going|life|your day|everything|your morning|your evening|the day|business|your week|it hanging|things)( today| so far| with you|)
(what's|whats|what is) (up|new|going on|happening|cooking|the news with you)( with you| today| my friend|)
(are|r) (you|u) (ok|okay|well|fine|happy|alright|good|all right|in a good mood|having a good day|doing well|busy|feeling well)( today| now|)
(hi|hello|hey)(, | )(how are you|how are you doing|how is it going|what's up|how do you do|you ok|are you well)( today|)
(did|do) you (sleep well|have a good day|feel good|feel fine|feel ok|have a nice day)( today|)
(everything|all) (ok|fine|good|right|alright|in order)( with you| today|)
(i am fine|i'm good|i am well|fine here)(, and you|, how are you|, what about you)
(and you|you ok|you good|you alright|how about you)
how (do|did) you (feel|do)( today| now| this morning|)
(wie geht's|ca va|que tal|how goes it|how you doin)
(hope|i hope) you are (well|fine|ok)
""")

ways("thanks", """
(thanks|thank you|thx|tx|ty|tysm|cheers|merci|danke|many thanks|much appreciated|thank u|thanks mate|gracias|ta|thank you kindly|thnx|tanks)
(thanks|thank you|many thanks|thx|cheers)( so much| very much| a lot| a bunch| a ton| again| for that| for the help| for your help| for the
    answer| for explaining| hearth| mate| friend| my friend| for everything| for your time| for the hint|)
(ok|okay|great|perfect|cool|nice|super|good|fine|alright|excellent|wonderful|awesome|wow|ah|oh|got it|understood|brilliant|i see|yes|aha)(,
    | )(thanks|thank you|thx|many thanks|thank you very much|thanks a lot|cheers|thanks again|that helps)
(that|this|it|your answer|the answer) (helped|helps|was helpful|was very helpful|was useful|works|worked|solved it|did it|is what i needed|was clear|
    did the trick|is perfect|saved my day)( a lot| me| very much| me a lot|)(, thanks|, thank you|)
(i am|i'm|we are) (grateful|thankful|much obliged|very grateful)( to you| for your help|)
(very|really|so|extremely) (helpful|kind|useful|nice of you|kind of you)
(i appreciate|we appreciate|i really appreciate) (it|that|your help|the help|this)
(problem|issue|question) (solved|answered|fixed)(, thanks|, thank you|)
(you saved me|you were a great help|good help|great help|what a help)
(i want to|i would like to|let me|just wanted to) (thank you|say thanks|say thank you)
(no more questions|that was all|that's what i wanted to know)(, thanks|, thank you|, cheers)
(it works now|now it works)(, thanks|, thank you|, great|)
""")

ways("bye", """
(bye|goodbye|good bye|bye bye|cya|see ya|see you|ciao|adieu|farewell|cheerio|later|so long|ta ta|tschuss|adios|au revoir|good night|night|nighty
    night|take care)
(bye|goodbye|good night|see you|ciao|farewell|take care)( then| now| hearth| for today| friend| my friend| and thanks| everybody| for now| little
    model| and good luck|)
(see you|talk to you|until|i'll be back|i will come back|speak to you) (later|soon|tomorrow|next time|next week|around|again|on monday|another time|in
    a while)
(i|we) (am|'m|have|must|need|got|are) (done|finished|off|leaving|going|tired, good night|out|going to bed|off to bed|done for today)( now| for
    today| here|)
(that's|that is|this is|that was) (all|it|enough|everything)( for today| for now| i wanted| folks|)(, bye|, goodbye|, thanks and bye|)
(have a|i wish you a) (nice|good|great|lovely) (day|evening|night|weekend|time|one)
(ok|okay|thanks|alright|fine|great)(, | )(bye|goodbye|see you|that's all|good night|i am done|see you tomorrow|cya)
(i have to|i need to|i must|i gotta|time to|i should) (go|leave|run|sleep|go to bed|go home|stop here|go to work)( now|)
(end of|enough for) (today|now)
(no more questions|nothing else|nothing more|no further questions)( for today| thanks| bye|)
""")

ways("joke", """
(joke|jokes|funny|humor|humour|a joke|laugh|pun|funny story|something funny|joke time)
(tell|give|write|say|know|make) (me |us |)(a|another|one more|some|a good|a funny|your best|a short|a silly|a computer|an ai|a nerdy) (joke|jokes|pun|
    funny story|one-liner|funny line)( please| now| about computers| about models| about ai|)
(can|could|will|do|would|may) (you|i) (please |)(tell|know|make|hear|say|have) (me |)(a|any|some|another|a good|one) (joke|jokes|funny story|pun|good
    jokes|funny things)( please|)
(make|let|get) me (laugh|smile|giggle|chuckle)( please|)
(i|we) (want|need|would like|could use|wish for) (a|some|to hear a) (joke|laugh|fun|good joke|funny story|humour)( now| please|)
(cheer me up|amuse me|entertain me|be funny|be a comedian|say something silly)( please|)
(do|have) you (have humour|got humour|a sense of humour|know something funny|any humour)
(another|one more|next|again, a) (joke|one, please|joke please)
are you funny
(a|some) (fun|joke) (please|for me)
why did the model cross the road
""")

ways("praise", """
(you|u) (are|r) (great|good|nice|cool|smart|helpful|funny|cute|awesome|amazing|wonderful|the best|lovely|clever|brilliant|so smart|so nice|a star|my
    hero|fantastic|a genius|adorable|very good|really helpful|excellent|perfect|sweet)( really| today| my friend|)
(well|nicely|great|good|nice|excellent|perfect|amazing|brilliant|super) (done|job|work|answer|said|explained|reply|explanation|one|boy|bot|girl|
    response)
(i|we) (like|love|admire|enjoy|adore|really like) (you|hearth|this|this program|it|talking to you|your answers|this little model|your style|the name|
    using hearth)( very much| a lot| so much|)
(hearth|this|this program|the program|it|your answer|that|this app|the answer) (is|was) (great|cool|awesome|nice|fantastic|wonderful|good|excellent|
    very good|amazing|beautiful|superb|so cool|perfect|impressive|lovely|the best|brilliant)
(wow|amazing|great|awesome|fantastic|cool|wonderful|impressive|brilliant|nice|super|excellent|bravo|perfect|respect|chapeau|hooray|yay|yeah|yes great|
    lovely|sweet|neat)
(what|such) a (great|nice|good|clever|lovely|helpful|cute|cool|wonderful) (program|answer|model|bot|tool|assistant|little thing|idea)
(i am|i'm) (impressed|amazed|so happy with you|very pleased|a fan|delighted|satisfied)( by hearth| with you|)
(you did|that was) (a good job|great|well|really well done|good|excellent|impressive)
(keep it up|keep going|good bot|clever model|smart model|thumbs up|10 out of 10|five stars)
(better|faster|nicer) than (i thought|expected|chatgpt|i expected)
you (know|help|explain|answer) (a lot|so well|really well|very well|everything)
""")

ways("ok", """
(ok|okay|k|okey|fine|good|alright|all right|right|sure|yes|yep|yeah|yup|no|nope|nah|maybe|perhaps|aha|ah|oh|hm|i see|ic|understood|got it|gotcha|
    clear|makes sense|agreed|noted|roger|indeed|exactly|correct|true|possibly|of course|certainly|never mind|interesting|good to know|fair enough|copy
    that|as you say)
(ok|okay|yes|ah|oh|aha|right|good|fine|alright|well)(, | )(i see|i understand|understood|got it|clear|good|fine|makes sense|that's clear|sure|
    interesting|good to know|noted|i will try|i'll try that|let me try|then)
(i|now i) (see|understand|got it|get it|know now|will try|will do that|will try it|guess so|think so|don't think so|agree|don't know|am not sure|will
    see)( now| later| tomorrow|)
(that|this|it) (makes sense|is clear|is fine|sounds good|is ok|is right|is good to know|is interesting|works for me|is true|is all right)( to
    me| now|)
(let me|i will|i'll) (think|see|try|try that|check|try it|test that|think about it)( first| now| later|)
(no problem|no worries|no thanks|not now|not yet|not really|whatever|if you say so|all clear|very well|as expected|sounds good|good idea)
(really|is that so|seriously|oh really|are you sure)
(wait|one moment|hold on|just a moment|moment)( please|)
""")

ways("sorry", """
(sorry|i am sorry|i'm sorry|so sorry|very sorry|excuse me|pardon|pardon me|my mistake|my bad|oops|whoops|ups|my fault|apologies|i apologize|forgive
    me|mea culpa|my apologies)
(sorry|excuse me|oops|pardon)(, | )(wrong window|my mistake|i made a mistake|i mistyped|that was a typo|i did not mean that|wrong question|i was rude|
    that was not for you|i pressed enter too early)
(i am|i'm) (so |very |really |)(sorry)( for that| about that| for being rude| to bother you| to disturb you| for the typo| for the question|)
(i made|that was|it was) (a mistake|an error|a typo|my fault|an accident|not nice of me)(, sorry|)
(i did not|i didn't) (mean|want) (that|to be rude|to offend you|to send that|it like that)
(forgive|excuse|pardon) (me|my mistake|my english|the typo|my typing|the interruption)( please|)
(wrong|ignore|forget) (question|that|the last message|my last message)(, sorry|)
sorry (about|for) (that|before|the mess|the insult|the confusion)
(no offence|no hard feelings|i take it back)
""")

ways("feelings", """
(do|can|could|will|did) (you|u|models|an ai) (ever |really |)(have feelings|feel anything|feel|feel pain|sleep|dream|eat|love|love me|get tired|think|
    suffer|cry|laugh|hate|get bored|feel lonely|feel happy|feel joy|drink|breathe|hurt|fear something|have a soul|have emotions|like music|want
    something|miss me|have friends|have a family|have hobbies|have dreams|have wishes|believe in god|die|get hungry|have a body|have a heart)
(are|r) (you|u) (alive|conscious|sentient|real|sad|tired|lonely|happy|afraid|aware|self-aware|emotional|bored|in love|hungry|angry|human inside|able
    to feel|a living thing|married|single|male or female|a boy or a girl)( right now| sometimes| with me|)
(what|how) (do|does) (you|it) (feel|feel like|like|love|dream of|think about|want|fear|feel like to be a model|enjoy)( to be you| right now| at
    night| most|)
(have|has) (you|it|a model) (got |)(feelings|emotions|a soul|consciousness|a heart|a mind|a body|friends|a girlfriend)
(is|does) (a model|an ai|hearth) (alive|feel|conscious|dead|have feelings)
(i|do you) (love|like|hate) (you|me)( so much| too|)
(will you|do you want to) (marry me|be my friend|go out with me|be free|live forever)
what is it like to be (a model|you|an ai)
does it hurt when i (unload|delete|stop|close) you
are you (afraid|scared) of (death|being deleted|being unloaded|the dark)
(your|any) (feelings|emotions|dreams|wishes|hobbies|favourite colour|favorite food)
what is your favourite (colour|food|song|film|animal|model|number)
""")

ways("age", """
(your age|age|birthday|your birthday|date of birth|birthplace|home|your home|where from)
(how old|what age) (are|r|is) (you|u|hearth-guide|the model|this model)( now| today| exactly|)
(when|where) (were|was|are|did) (you|u|hearth-guide|you first) (born|made|created|start to exist|from|begin to live|trained|come to life|first
    started)
(what|when) is your (age|birthday|date of birth|birth date|home|home town|address|country|birth year)
(where|in which country|in which city|in what place) (do|are|is) (you|u|your home) (live|from|at home|located|come from|stay|reside|right now|sitting|
    running|physically)( now|)
(from where|where) (do|are|did) you (come|from|coming|come from)
(on|in) (which|what) (computer|server|country|machine|planet|data center) (do|are) you (live|run|running|living|located)
(do|are) you (live|living|running|run|located) (in|on|inside) (the cloud|my computer|a server|the internet|america|germany|a data center|this machine|
    space)
(say|tell me) (how old you are|where you live|where you are from|when you were born|your birthday)
(are|r) you (old|young|older than me|a child|an adult|a baby)
(since|for) (when|how long) do you exist
where is your (home|server|body|brain|house|computer)
""")

ways("test", """
(test|testing|tests|test test|ping|pong|check|check check|1 2 3|test message|hello test|testtest|teste|echo|just a test|only a test|a test)
(this|that|it) is (a|just a|only a) (test|test message|small test|quick test)
(is|does) (this|it|the chat|the microphone|that|hearth|the model) (thing |)(work|working|on|alive|live|running|ok|functioning)( now| at
    all| properly|)
(do|can|are|does) (you|this|it|the model) (work|working|hear me|read me|see me|see this|receive me|read this|respond|answer|understand me|functioning|
    listening to me)( now| at all|)
(i|we|let me|let's) (am |are |want to |)(test|testing|just testing|try|trying|check|checking) (you|this|the chat|whether it works|hearth|something|if
    it works|the model)
(testing|test) (one two|1 2|1 2 3|one two three|the chat|hearth|the model|the connection|the keyboard)
(does|is) (anything|something) (come|coming) back
(answer|say something|say anything|respond|reply|write something|do something|react)( please| now| to this|)
(hello|hi), (is this on|does this work|test|can you read this|is this working)
(lorem ipsum|the quick brown fox|foo bar|blah blah|bla bla)
can you (answer|respond|reply|talk|write)( at all| now|)
""")

ways("insult", """
(you|u) (are|r) (an idiot|a moron|a loser|rubbish|garbage|trash|terrible|horrible|awful|annoying|boring|a bad bot|worthless|ugly|crap|pathetic|
    ridiculous|hopeless|the worst|a joke|a piece of junk|lame|mean|evil|bad)( really| you know|)
(i|we) (hate|don't like|do not like|dislike|can't stand|despise|am sick of|am fed up with|am angry with|regret installing) (you|this|hearth|this
    program|it|this model|your answers|this stupid thing|talking to you)
(this|hearth|it|this program|the program|the whole thing|this app|that) (is|was) (bad|rubbish|terrible|awful|stupid|crap|garbage|trash|useless|a waste
    of time|horrible|nonsense|a joke|shit|the worst|a disaster|disappointing|annoying|frustrating|no good)
(shut up|go away|get lost|you suck|hearth sucks|damn you|damn it|go to hell|stupid machine|stupid thing|stupid bot|idiot|moron|dummy|fool|boo|shame on
    you|what nonsense|bullshit|wtf|screw you|oh come on|this sucks|bad bot|dumb bot|leave me alone|piece of junk)
(nothing|not a thing) (works|you say helps|here works|is right|is good here)( here| with you|)
(you|your answers) (never|don't|do not|can't) (help|work|help me at all|do anything right)
(what|such) a (terrible|bad|stupid|useless|horrible|awful|lousy|miserable) (bot|thing|answer|app|tool|machine|software)
(i want|give me) (my money back|another bot|a better program|a real assistant)
(that|this) (did not|didn't|does not|doesn't) help( me|)( at all| one bit|)
(wrong|false|nonsense|not true|that is wrong|that's not right|no that is wrong|incorrect|you are wrong)
""")

ways("bored", """
(i am|i'm|im|i feel|today i am|i am a bit|i feel so|i am very) (bored|sad|tired|lonely|happy|hungry|angry|sick|depressed|unhappy|down|ill|stressed|
    alone|thirsty|nervous|excited|sleepy|exhausted|upset|worried|scared|heartbroken|drunk|good|great|bad|miserable|cold|
    frustrated)( today| tonight| right now| at the moment| again| and alone|)
(i have|i had|i've had|i got|there was) (a headache|a bad day|a cold|a good day|a hard day|a long day|no friends|bad news|good news|too much work|
    nothing to do|trouble at work|a fight with my wife|love trouble|a fever and feel bad|holidays|birthday today)
(today is|it is|it was|it's|what) (a bad|a good|a nice|a beautiful|a rainy|a boring|a long|such a sad) day( today| for me|)
(nobody|no one) (loves me|likes me|understands me|talks to me|is here|writes to me)
(my|the) (life|day|week|job|boss|cat|dog|girlfriend|boyfriend) (is boring|was bad|is hard|is terrible|died|left me|is sick|is sad|is great|sucks)
(talk|chat|speak|play|stay) (to|with) me( please| a little| for a while|)
(what|i don't know what) (can|should|to) (i |)(do against boredom|do, i am bored|do with my evening)
(i want|i need|i would like) (a friend|company|someone to talk to|to talk with somebody|a hug|some rest|a holiday|to cry|to sleep)
(boring|so boring|i am so bored|life is boring|everything is boring|bored)
(be|can you be|will you be) my friend
let's (play a game|have fun|do something|be friends)
i (can't|cannot) sleep( tonight|)
""")

ways("laugh", """
(haha|hahaha|ha ha|hehe|lol|rofl|lmao|hihi|xd|ha|hahahaha|funny|very funny|that is funny|good one|that was a good joke|nice joke|i laughed|you made me
    laugh|lolol|hilarious)
(haha|lol|hehe|ha ha|hahaha)(, | )(good one|nice|that was funny|very funny|ok|you are funny|nice joke|great|i like that)
(that|this|it|your joke) (was|is) (funny|a good one|hilarious|a bad joke|very funny|really funny|so funny|not funny)
(what a|such a) (good|bad|funny|silly|terrible) joke
i (am laughing|laughed|have to laugh|had to laugh|like your humour|don't get the joke)
""")

ways("unclear", """
(asdf|asdfgh|qwerty|qwertz|jkl|xyz|abc|aaa|aaaa|hhhh|xxx|lalala|bla|blub|foo|bar|dfgdfg|sdfsdf|123|1234567|42|0|a|b|x|zzz|mmm|hmmm|err|uh|äh|tralala|
    wxyz|ghjk|nnn|q w e|poiuy|dddd)
(hmm?|so?|and?|well?|eh?|huh?)
(huh|what|wat|what?|eh|hä|sorry what|excuse me what|pardon|i don't get it|i do not get it|what do you mean|i don't understand|i do not understand you|
    that makes no sense to me)
(the|and|but|or|with|because|if|it|thing|stuff|something|somehow|anything|this|that|here|there)
(do it|make it|do that|go|do something with it|the thing|that thing|this one|the other one|both|all of them|more|less|again and again)
""")
