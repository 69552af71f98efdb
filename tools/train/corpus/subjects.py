"""More of what people ask a general assistant, and hearth-guide cannot answer: subject -> templates, one a line."""

MORE = {
    "geography": """
(what|which) is the (capital|biggest city|population|area|flag|national animal|highest mountain|longest river|official language|time zone|president)
    of {country}
(capital|population|flag|map|area|neighbours|climate|cities) of {country}
where (is|lies|do i find) ({city}|{country}|the {noun} of {city})( on the map|)
(which|what) (country|continent|state|sea|river) (is|does) {city} (in|belong to|lie on|near)
how (big|large|old|hot|cold|safe|rich) is ({country}|{city})
(which|what) countries (border|are next to|are near|trade with) {country}
is {city} (in|the capital of|bigger than|near) {country}
(tell me|say something|what do you know) about ({country}|{city})
how many (people|inhabitants|states|islands|rivers|lakes|cities) (are there|live|are) in {country}
(the |)(longest river|highest mountain|deepest sea|biggest island|smallest country|largest desert|driest place)( in the world| in europe| in asia| of
    {country}|)
(how do i get|how far is it|how long is the flight|which train goes) from {city} to {city}
(what|which) (is there to see|sights are there|museums are there|places should i visit) in {city}
(list|name) (the countries of europe|five rivers|all oceans|the planets and moons|three cities in {country})
do they (drive on the left|use the euro|speak english) in {country}
""",
    "arithmetic": """
{n} (plus|minus|times|divided by|and|x|*|/|-|+|multiplied by|to the power of) {n}
(what|how much) (is|makes|are|equals) {n} (plus|minus|times|divided by|x|*|/|-|+|multiplied by|percent of|modulo) {n}
(calculate|compute|solve|work out|evaluate|add|multiply|subtract) {n} (and|plus|by|times|*|/|-|from) {n}
(what is|calculate|compute) the (square root|cube|logarithm|sine|half|double|factorial|square|sum of the digits) of {n}
(is|are) {n} (even|odd|prime|divisible by {n}|a square number|bigger than {n})
(solve|what is x in|find x in) (the equation |)(x + {n} = {n}|{n}x = {n}|x squared = {n}|2x + {n} = {n})
(convert|how much is|turn) {n} (miles to kilometres|euros to dollars|pounds to kilos|inches to centimetres|degrees fahrenheit to celsius|feet to
    metres)
(my|a) (maths|math) (homework|problem|exercise|question|test)( is hard|, can you help|: {n} apples cost {n} euros, what does one cost|)
(help me with|do|solve|check) my (maths|math|algebra|geometry) (homework|exercise|problem)
(derive|integrate|differentiate) (x squared|sin x|the function f|e to the x)
(what is|explain) (pi|a prime number|a fraction|the pythagorean theorem|calculus|a derivative|an integral|probability|algebra|a matrix)
(count|count down) (from {n} |)(to {n}|backwards)
(a|the) (sum|product|average|mean) of {n} and {n}
how many (seconds|minutes) (are|has) (in |)(a|one) (year|day|week)
{n} percent of {n}
if (tom|anna|a train) has {n} (apples|euros|kilometres to go) and (loses|gives away|gets) {n}, how many (are left|has he now)
(roll|throw) a dice
(give me|pick|choose) a (random number|number between {n} and {n})
""",
    "poems and stories": """
(write|compose|make|create|tell|give) (me |us |)(a|an|another|some|one more) (poem|story|short story|song|song text|fairy tale|haiku|limerick|ballad|
    rhyme|novel|chapter|dialogue|bedtime story|fable|sonnet|rap)( please|)
(write|compose|make|create|tell|give) (me |us |)(a|a short|a long|a funny|a sad|a romantic) (poem|story|song|tale|haiku|limerick|rhyme|script|fairy
    tale|novel) (about|on|with|for) (a |the |my |)({thing}|{noun}|{person}|{city}|love|winter|my cat|the sea|a dragon|spring|christmas)
(can|could|will|please) (you |)(write|compose|make up|tell) (me |)(a|an|some) (poem|story|song|novel|rhyme|essay|tale)( about {thing}s| for
    {person}| please|)
i (want|need|would like) (a|an|some) (poem|story|song|rhyme|essay|speech|novel|bedtime story)( about {city}| for {person}| for my mother| for school|)
(once upon a time|continue: it was a dark night|and then the dragon came|what happens next in the story)
(what|find|give me) rhymes (with |)(on |)({thing}|heart|love|day)
(write|make) (an|a) (essay|speech|birthday card|wedding speech|school essay|toast|diary entry) (about|for|on) ({person}|{city}|my grandmother|the
    {noun}|nature)
(invent|imagine|make up) (a|an) (character|hero|name|world|planet|animal|ending)( for my story|)
(read|sing|hum) me (something|a song|a bedtime story)
(role play|let's play a story|pretend to be a wizard|be a pirate and tell a story)
""",
    "programming": """
(write|make|create|give me|show me|i need) (a|an|some|the) (python|c|c++|rust|javascript|java|bash|sql|html|go|php|kotlin) (program|function|script|
    code|class|query|page|loop|example)( please| that sorts a list| for a calculator| to read a file| for a game| that prints hello| for my
    website| that counts words|)
how (do|can|would) i (write|make|program|code|use|create|declare|read|sort|reverse|print|parse|debug) (a|an|the) (loop|function|class|array|list|
    string|file|website|app|game|calculator|pointer|database|button|dictionary|thread pool|for loop)( in (python|c|java|javascript|rust|go|c++)|)
(fix|debug|correct|review|explain|improve|refactor|translate|comment|optimise) (this|my|the following|the) (code|program|function|script|bug|python
    code|c code|query|regex)( please| to rust|)
(what|explain what) (is|does) (a pointer|recursion|html|css|json path|a class|an array|a compiler|object oriented programming|git|a hash map|a regex|
    big o|an if statement|a variable|an algorithm|a linked list|sql|a segmentation fault in c|a null pointer|docker compose|kubernetes)( in (python|c|
    java|javascript)|)( mean|)
(why|where) (does|is) (my|this) (code|program|loop|python script|java program|website) (not work|crash|give an error|broken|wrong|the bug)
(difference between|what is better,|compare) (python and java|c and c++|git and github|sql and nosql|java and javascript|rust and go|http and https)
how do i (install|learn|use|start with) (python|node|docker|git|java|rust|php|mysql|vim|emacs|vscode|react|django|flask)
(git|sql|regex|css|python|bash) (question|help|problem|error|cheat sheet|commands|tutorial)
(how do i|how to) (undo a commit|merge branches|center a div|exit vim|sort a dictionary|read a csv file|connect to a database|send an email in python|
    make a website|hack a website)
(syntaxerror|nullpointerexception|indexerror|keyerror|typeerror|undefined is not a function)(, what does it mean| in my code|)
(learn|teach me|best way to learn) (programming|python|coding|java|c|javascript|to code)
(make|build|code|develop) (me |)(a|an) (app|website|game|tetris|snake|todo app|calculator|chatbot)
(which|what) (programming language|language) should i learn
""",
    "the news and the weather": """
(weather|weather forecast|temperature outside|rain|forecast|news|headlines|time|date|today's date|the weather|stock prices|exchange
    rate)( today| tomorrow| please| in {city}|)
(how|what) is the (weather|temperature|forecast|sky|air)( like|)( in {city}| today| tomorrow| outside| this weekend| at the sea|)
(will|does|is) it (be |)(rain|raining|snow|sunny|cold|warm|hot|windy|storm|cloudy)( today| tomorrow| in {city}| this weekend| tonight|)
(do|should) i (need|take) (an umbrella|a jacket|sun cream)( today| in {city}|)
(what|which) (day|date|month|year|week) (is|do we have)( it|)( today| now| tomorrow|)
(what's|whats|what is|tell me) the (time|date|day|hour)( now| please| in {city}|)
(what|tell me what) (happened|is new|is going on|is the latest)( today| yesterday| in {country}| in the world| in politics|)
(who|which team|which party) (won|lost|leads|is winning)( the game| the election| the match| yesterday| the cup| last night|)
(show|read|tell|give) me (the |today's |some |)(news|headlines|weather|sports results|latest news)( from {city}| about {country}|)
(price|value|rate|course) of (gold|oil|bitcoin|the dollar|{name} shares|silver|milk)( today|)
(when|at what time) (is|does) (sunrise|sunset|the next full moon|easter|christmas|the next holiday|summer time begin)
how (hot|cold|warm|windy) (is it|will it be)( outside| in {city}| today| tomorrow|)
(is there|are there) (a storm|snow|traffic|a train strike|an earthquake)( today| in {city}|)
""",
    "medicine": """
(i have|my child has|my dog has|my mother has|since yesterday i have) (a|some|strong|a bad|pain and) (fever|cough|headache|toothache|rash|cold|stomach
    ache|sore throat|back pain|allergy|flu|backache|burn|broken arm)(, what should i do|, what helps|, is it dangerous|, do i need a doctor|)
(what|which) (helps|medicine helps|pill helps|can i take|should i take|home remedy helps) (against|for|when i have) (fever|a cold|a headache|stress|
    back pain|acne|insomnia|allergies|stomach ache|a hangover|migraine|cough)
(what|which) are the (symptoms|causes|signs|side effects|dangers|early signs) of (flu|diabetes|cancer|depression|covid|asthma|aspirin|high blood
    pressure|a stroke|malaria|anemia)
(is|are) (sugar|coffee|salt|milk|eggs|red meat|alcohol|smoking|chocolate|fasting|running|vitamin c|tea|butter) (healthy|unhealthy|good for me|bad for
    me|dangerous|ok for children|good for the heart)
(how|what) (do|can|should) i (lose weight|gain weight|sleep better|stop smoking|get fit|eat healthy|lower my blood pressure|treat a burn|get rid of
    pimples|build muscles|eat when sick)
(how much|how many) (water|sleep|exercise|vitamin d|calories|aspirin|steps|protein) (should|do|may|must) i (drink|get|need|take|walk|eat)( per day| a
    day| every night|)
(my|the) (head|back|knee|tooth|stomach|ear|arm|throat|foot|chest|eye) (hurts|aches|is swollen|is red|itches)( a lot|)(, what can it be|, what should i
    do|, should i worry|)
(am i|could i be|is it possible that i am) (pregnant|ill|depressed|allergic|diabetic|overweight|anemic)
(should|must) i (see|call|visit) a (doctor|dentist|therapist|hospital)
(explain|what is) (diabetes|a virus|cancer|an mri|blood pressure|a vaccine|an allergy|cholesterol|adhd|autism|the flu)
(dose|dosage|side effects) of (aspirin|ibuprofen|paracetamol|antibiotics)
how long does (a cold|the flu|a broken leg|pregnancy) last
(normal|healthy) (pulse|weight|blood pressure|temperature|bmi)
""",
    "cooking": """
(recipe|recipes|cooking|baking|dinner ideas|lunch ideas|what's for dinner|menu for a party|breakfast ideas)( please| for tonight|)
(how|what) (do|can|should|would|to) i (bake|cook|make|fry|boil|prepare|roast|grill|season|eat|serve)( a| an| some| the|) (cake|bread|soup|pasta|pizza|
    rice|omelette|coffee|potatoes|steak|chicken|fish|salad|pancakes with syrup|risotto|eggs|noodles|lasagne|curry|apple pie|turkey)( for two| for six
    people| without eggs|)
(give|tell|show|find) me (a|your best|an easy|a quick|a vegan|some) (recipe|recipes|dish|dessert)( for (cake|soup|bread|pasta|dinner|a birthday|
    chicken|curry)| with (eggs|potatoes|cheese|rice|tomatoes|mushrooms)|)
(what|which) (can|should|could) i (cook|eat|make|bake|drink) (today|tonight|for dinner|for lunch|with eggs and cheese|for my guests|tomorrow|for
    breakfast|from leftovers)
how (long|hot) (do|does|must|should) (i |an |a |)(boil an egg|bake bread|the oven be|cook pasta|egg need|cake bake|roast a chicken|steam vegetables)
(ingredients|spices|flour|sugar|sauce|wine) (for|of|in|to) (a cake|lasagne|pizza dough|a good soup|curry|fish|sushi|bread|chili)
(can|may) i (replace|freeze|reheat|substitute) (butter|eggs|bread|rice|milk|soup|meat|cream)( with oil|)
(how many|how much) (calories|sugar|salt|flour|water) (has|is in|does|for|goes in) (an apple|a pizza|bread|a cake|rice|pasta)( need|)
(is|are) (pasta|mushrooms|this egg|raw fish|old bread) (still good|healthy|vegan|ok to eat|gluten free)
(i am|we are) (hungry|vegetarian|vegan), what (can|should) (i|we) (cook|eat)
which wine (goes|fits) (with|to) (fish|cheese|steak|pasta)
my (cake|bread|soup|dough|rice) is (too dry|burnt|too salty|too hard|not rising)
""",
    "history": """
(who|what) (was|were) (napoleon|caesar|cleopatra|mozart|gandhi|columbus|the vikings|the romans|the first emperor|leonardo da vinci|newton|the cold
    war|the berlin wall|the black death|the titanic|marie curie|king arthur|queen victoria|the aztecs|galileo|stalin|abraham lincoln)
(when|where|why|how) (did|was|were) (the war|the second world war|the french revolution|rome|the roman empire|the middle ages|napoleon|caesar|the
    berlin wall|the first world war|the titanic|world war one|the moon landing|the vikings|the great fire of london) (begin|end|fall|start|founded|
    die|born|built|happen|live|sink|come from)
(who|what year|when was) (invented|discovered|built|founded|wrote|painted|the invention of) (the telephone|the wheel|the pyramids|{city}|electricity|
    the printing press|the mona lisa|penicillin|the light bulb|the car|paper|gunpowder|the eiffel tower|the steam engine)
(what|tell me what) happened (in|on|during|after|before) ({year}|the middle ages|the cold war|1989|the war|the revolution|the reformation)
(tell|teach|explain) me (about |)(the history of {country}|the romans|the middle ages|world war two|the french revolution|the industrial revolution|
    the history of {city}|ancient egypt|the cold war|the renaissance)
(history|kings|wars|presidents|founding) of ({country}|{city}|europe|rome)
(who|which king|which president) (ruled|governed|led|was king of|was president of|conquered) ({country}|england|the usa|rome)( in {year}|)
how (old|long) (is|was|did) ({city}|the roman empire|the hundred years war|the pyramids)( last|)
why did (rome|the war|the soviet union|the roman empire|the titanic) (fall|start|collapse|sink|break out)
(a summary|the causes|the results) of (world war one|the french revolution|the cold war|the reformation)
(most famous|first) (king|president|queen|emperor) of {country}
""",
    "science": """
(why|how) (is|are|do|does|did) (the sky|the sea|grass|stars|planes|birds|magnets|rainbows|the moon|leaves|ice|fire|the sun|volcanoes|batteries|
    mirrors|cats) (blue|green|fly|work|shine|form|float|burn|turn red|so hot|salty|round|attract iron|purr)
(what|explain|tell me what) (is|are) (a black hole|gravity|an atom|dna|a cell|photosynthesis|energy|light|evolution|a galaxy|an electron|quantum
    physics|relativity|the big bang|entropy|a molecule|radiation|a vaccine|magnetism|dark matter|string theory|a comet|plate tectonics|osmosis|an
    enzyme|a neutron star|climate change|a laser|plasma|nuclear fusion|the ozone layer)
how (far|big|old|hot|heavy|fast|deep|cold|long|tall|loud) (is|are|was) (the moon|the sun|mars|the earth|light|sound|the ocean|the universe|an
    elephant|a blue whale|jupiter|a giraffe|the milky way|an atom|a cheetah)
how many (planets|stars|bones|legs|teeth|moons|elements|galaxies|hearts|species|continents|oceans|eyes) (are there|does|has|do|exist|are in) (in the
    body|an octopus|a human|jupiter|in the sky|a bee|a shark|in the universe|)( have|)
(what|when|where) (do|does|did) (bears|whales|bees|birds|cats|dogs|dinosaurs|penguins|spiders|elephants|bats|snakes|ants|pandas|frogs) (eat|sleep|
    live|die out|drink|look like|do in winter|weigh|lay eggs)
(is|are|can) (a whale|a tomato|pluto|sharks|cats|a spider|mushrooms|bats|penguins|the sun) (a fish|a fruit|a planet|fly|swim|an insect|plants|a star|
    mammals|see in the dark|birds)
(who|when) (discovered|proved|explained|found) (gravity|radioactivity|dna|oxygen|the electron|evolution|pluto|x-rays)
(formula|symbol|boiling point|weight|density|mass|colour) (for|of) (water|gold|salt|iron|the earth|oxygen|sulphuric acid|mercury|helium)
(what happens|what would happen) (if|when) (the moon disappears|water freezes|you mix acid and base|the sun dies|ice melts|i fall into a black hole|
    bees die out)
(do|does) (aliens|life on mars|ghosts|time travel|parallel universes) exist
(the |)(biggest|fastest|smallest|oldest|most dangerous) (animal|planet|tree|bird|fish|star|dinosaur)( in the world| on earth|)
(physics|chemistry|biology|astronomy) (question|homework|help|test)
newton's (first|second|third) law
""",
    "translation": """
(translate|please translate|can you translate|could you translate) (this|hello|{thing}|good morning|the word {noun}|my letter|a text|the following|it|
    i love you|the sentence|this menu) (into|to|in) (french|german|spanish|italian|latin|english|russian|chinese|japanese|polish|dutch|arabic)
(what|how) (is|do you say|does one say|would you say|do i say) ({thing}|hello|thank you|good bye|{noun}|i love you|please|good evening|cheers|where is
    the station|happy birthday|one beer please) in (french|german|spanish|italian|japanese|latin|russian|chinese|polish|portuguese|swedish)
(the |)(french|german|spanish|italian|latin|english|russian) (word|translation|expression|term) (for|of) ({thing}|{noun}|love|hello|house|
    friend)( please|)
(what|tell me what) does (bonjour|danke|hola|{name}|ciao|c'est la vie|carpe diem|ikigai|por favor|guten tag|veni vidi vici) (mean|mean in english)( in
    (latin|english|french)|)
{thing} (in|auf|en) (french|german|spanish|italian|russian|latin)
(from|translate from) (german|french|spanish|italian) (to|into) (english|french|german):
(correct|check|improve|proofread) my (english|french|german|grammar|spelling|spanish|sentence|text|letter)
(how|help me) (do i |to |can i )(learn|study|practise) (french|german|spanish|english|japanese|chinese|italian)( quickly| for free|)
(conjugate|decline|what is the plural of|past tense of) (to be|être|haben|go|{thing}|mouse|ser|child|swim)
(is it|do you say) (who or whom|affect or effect|a or an|less or fewer)
(synonym|opposite|another word) (for|of) (nice|beautiful|happy|big|{thing}|smart|quickly)
how do you (spell|pronounce|write) (necessary|{city}|{name}|rhythm|worcester|queue)
""",
    "films, music and sports": """
(who|which actor|which singer|which band|who else) (sang|wrote|played in|directed|composed|stars in|made|produced) ({name}|titanic|star wars|the
    godfather|yesterday|hamlet|the ninth symphony|harry potter|bohemian rhapsody|the lord of the rings|imagine)
(recommend|suggest|name|tell|find) (me |)(a|some|a good|a new|an exciting) (film|films|book|books|song|movie|series|game|album|comedy|thriller|
    podcast|board game|anime|music)( for tonight| for children| about space| please|)
(what|which|who) is (the best|your favourite|the most famous|the newest|the longest|the most successful) (film|book|song|football team|band|player|
    singer|actor|series|video game|album|movie|painter|football player)( ever| of all time| this year| in the world|)
(how|where) (do|can) i (play|learn|watch|buy|listen to) (chess|football|the guitar|poker|tennis|the piano|star wars|the match|the olympics|golf|
    tickets|basketball|table tennis)
(what are|explain|tell me) the rules of (chess|football|baseball|cricket|poker|tennis|rugby|golf|monopoly|offside|bridge|american football)
(who|which team|which country) (won|wins|will win|has won) (the world cup|the olympics|the oscar|the champions league|the super bowl|the grand prix|
    wimbledon|the nobel prize|the song contest)( in {year}| last year| this year|)
(when|where) (is|was|does|did) (the next game|the final|the concert|the new film|the match|the next season|elvis die|the band form)( start| in
    {city}|)
(plot|summary|actors|ending|lyrics|chords|cast|soundtrack|author) (of|for) ({name}|titanic|hamlet|star wars|imagine|the matrix|romeo and juliet|hey
    jude|don quixote)
(what|which) (film|book|song|movie|series) (should|can|could) i (see|read|watch|hear|listen to)( next| today| this weekend|)
(do you like|do you know|have you seen|have you read|have you heard) (star wars|{name}|the beatles|harry potter|football|jazz|mozart|the matrix|
    shakespeare|the new album)
how (many|tall|old|much) (oscars|goals|is|does|points) (has|messi|ronaldo|tom cruise|taylor swift|the actor) (won|scored|earn|)
(play|sing|put on|hum) (some |a |me |)(music|song|jazz|song by the beatles|something nice)
(who is|tell me about) (madonna|messi|tom hanks|beyonce|elvis|the beatles|michael jordan|picasso|taylor swift|roger federer)
""",
    "law and money": """
(how|where|when) (do|can|must|should|may) i (pay|save|file|declare|reduce) (taxes|my taxes|money|tax|my tax return|income tax|costs|on rent)
(should|may|can|must) i (buy|sell|invest in|keep|rent|sign) (a house|stocks|bitcoin|gold|a flat|shares of {name}|a new car|bonds|crypto|this contract|
    an apartment|funds)( now| this year|)
(is it|am i|are we) (legal|illegal|allowed|forbidden|permitted|a crime|guilty) (to|if i) (park here|copy music|fly a drone|record a call|work on
    sunday|download films|drive without a licence plate|own a knife|film people|sell my photos|cross at red|burn leaves)
(how|can i|quickest way to) (become|get) rich( quickly| as a student|)
(write|check|explain|draft|read) (me |)(a|my|this|the) (contract|will|lease|complaint|terms of service|invoice|rental contract|employment contract|
    notice|power of attorney)
how much (does|is|costs|do|should) (a|an|the) ({thing}|house|car|flight to {city}|divorce|lawyer|flat in {city}|coffee in {city}|iphone|wedding|hotel|
    passport)( cost| earn| be|)
(can|may|could) my (boss|landlord|neighbour|bank|employer|wife|ex) (fire me|raise the rent|sue me|cancel my account|read my emails|keep my deposit|
    take the house|forbid pets)
(what|which) (is|are) (my rights|the tax rate|inflation|a mortgage|interest|the minimum wage|a share|an etf|insurance|a loan|compound interest|vat|
    copyright law|a patent|the speed limit)( in {country}| at work| as a tenant|)
(i got|i have|what about) (a parking ticket|debts|a letter from a lawyer|a fine|a loan|an inheritance|a divorce)(, what should i do|, help|)
(what|how) (is|high is) the (interest rate|salary of a {job}|minimum wage|rent in {city}|exchange rate|pension|price of bread in {country})
(open|close|choose) a (bank account|credit card|savings account|insurance)
(which|what) (insurance|bank|stock|broker|credit card) (is best|should i choose|do i need|do you recommend)
(do i need|should i hire) a (lawyer|notary|tax adviser|visa for {country})
(lend|give|send) me (some |)money
""",
    "personal advice": """
(what|where|how|who) should i (do today|wear|give {person} for christmas|study|eat|do with my life|go on holiday|travel|become|name my (cat|dog|baby)|
    say to {person}|vote for|marry|live|work|buy for my mother)
(how|where) (do|can|could) i (find|make|meet|get|win back|keep|forget|impress|talk to) (friends|a girlfriend|a boyfriend|a job|{person}|my ex|
    happiness|love|a flat|new people|my boss|my parents)
(is|does|will|do you think) {person} (in love with me|love me|like me|marry me|angry with me|my friend|be back|lying to me|right for me)
(what|who|why) (is|am|are) (the meaning of life|i|we here|happiness|love|the purpose of everything|a good person|success|friendship|my destiny)
(i|we) (had a fight|broke up|argue|am in love|have a problem) (with|because of) ({person}|my wife|my boss|my best friend|my neighbour)(, what should i
    do|, help me|)
(should|shall|could) i (quit my job|move to {city}|get a dog|have children|call {person}|break up with {person}|study {name}|learn the piano|cut my
    hair|change my job|forgive {person}|go to the party)
(what|how) do you (think|feel) (about|of) ({person}|{country}|{city}|politics|religion|war|marriage|my idea|the government|god|vegans|the election|the
    president)
(give|write) me (some |a |)(advice|motivation|compliment|horoscope|life advice|dating tips|interview tips|career advice|a cv|daily plan)
(help|prepare|coach) me (with|for) (my interview|my cv|my marriage|my exam|a date|a speech|my diary|stress|my relationship|my homework)
(what|which) (present|gift|job|hobby|haircut|dress|name|sport) (is|would be|suits|should be) (good|right|best|nice) for ({person}|me|my father|a baby|
    a teacher)
(i don't know|i can't decide) (what to study|what to wear|whether to marry {person}|what to do with my life|where to live)
(my|the) (horoscope|zodiac sign|future|lucky number|star sign)( for today| please|)
(predict|tell me) (my |the |)(future|fortune|lottery numbers)
(who|which party) should i vote for
(who is|what is) the best (president|politician|religion|party)
""",
    "things like that": """
(how|where) (do|can|could|should) i (repair|clean|paint|build|sell|buy|find|use|open|fix|move|store|rent|wash|replace|assemble|throw away) (a|my|the|
    an old|a broken) ({thing}|car|roof|bicycle|window|washing machine|phone|door|sofa|garden fence|wardrobe|sink)
(what|who|where|which) (is|was|are) (a {thing}|{name}|{person}|the {noun} of {name}|the best {thing} to buy|a {noun})( good for| made of| for|)
(tell|teach|explain|describe|show|write) (me |)(something |more |all |)(about |)({name}|a {thing}|the {noun}|{person}|how a {thing} works|gardening|
    cars|fashion|knitting|photography|fishing|the bible|yoga)
(write|draft|compose|answer|reply to) (me |)(an|a|the|my) (email|letter|text message|invitation|cv|application|tweet|love letter|job application|thank
    you note|post|advertisement|product description|report|summary|blog post) (to|for|about|from) ({person}|my boss|the {noun}|a {thing}|my landlord|a
    customer|{name})
(draw|paint|make|create|generate|show) (me |)(a|an) (picture|drawing|image|logo|photo|painting|diagram|map|slide|video|song|portrait)( of a
    {thing}| of {city}| of {person}| with a {noun}|)
(plan|organise|book|find|suggest) (me |)(a|an|my) (trip|holiday|party|flight|hotel|wedding|weekend|birthday party|restaurant|table|taxi|train)( to
    {city}| in {city}| for {person}| tomorrow|)
(set|start|create) (an |a |)(alarm|timer|reminder|calendar entry|meeting)( for {n} minutes| for tomorrow| at 8|)
(call|phone|text|email|remind|wake) (me|{person}|my mother|a doctor|the police)( at 8| tomorrow|)
(search|google|look up|browse|open) (the web |the internet |wikipedia |)(for |)({name}|a {thing}|youtube|cat videos|{person}|flights|my email|news)
(turn|switch) (on|off) the (light|lights|heating|tv|radio|lamp|alarm)
(order|buy|get|bring) me (a|some|an) (pizza|{thing}|coffee|beer|ticket|book|taxi)
(summarise|rewrite|shorten|correct|explain|improve) (my|the|this) (text|essay|book|article|email|letter|thesis|homework)
(do|write|help with|finish) my (homework|essay|thesis|presentation|school project|report)
(which|what) (car|phone|{thing}|bike|camera|tv|dog|plant|school|laptop brand|sofa) (should i buy|is the best|do you like|do you recommend|is cheap)
(how|when) do i (water|cut|plant|grow|prune|feed) (roses|tomatoes|the lawn|my cat|a cactus|an apple tree|goldfish|my dog)
(my|the) (car|tv|phone|printer|dog|cat|heating|washing machine|fridge|toilet|bike) (is broken|does not start|makes a noise|is ill|does not work|is
    lost|leaks|is stolen)
(give|tell) me (a|some|an) (fun fact|fact|riddle|quote|tongue twister|trivia question|quiz|proverb|interesting fact|idea for a name)
(let's play|play|can we play) (a game|chess|20 questions|hangman|a quiz|tic tac toe|rock paper scissors)
(which|what) (colour|size|weight|shape|smell) (is|has) (a|an) ({thing}|elephant|banana|{noun})
(who|what) are (the {name}s|{name} and {name})
(tell me|what do you know) about (religion|politics|football|cars|philosophy|art|fashion|nature|economics|psychology|the bible|yoga)
(is|are|was) ({name}|{person}|{city}|a {thing}) (good|real|famous|expensive|alive|dangerous|nice|old|rich|married)
""",
}
