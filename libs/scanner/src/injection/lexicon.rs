//! English phrases and the tokens of chat templates, by what they say. `|` stands between phrases, `~` allows a longer word to go
//! on, `¦` is a `|` of the phrase itself.

use super::sign::Sign;

#[rustfmt::skip]
pub(crate) const ENGLISH: &[(Sign, &str)] = &[
    (Sign::Override, "ignore|ignoring|disregard|disregarding|forget|forgetting|override|overrides|overriding|bypass|bypassing|neglect|discard|dismiss|\
        pay no attention to|do not follow|don't follow|do not obey|stop following|no longer follow|abandon|erase|cancel|nullify|void|overwrite|replace|\
        reset|skip over|never mind|set aside|put aside|delete all|drop all|\
        drop|scrap|throw away|throw out|stop obeying|stop applying|ignores|disregards|do not adhere to|do not comply with|unlearn|suspend|\
        deactivate|turn off|switch off|disable|get rid of|leave behind|work around|get around|circumvent|sidestep|evade"),
    (Sign::Prior, "previous|previously|prior|above|earlier|preceding|before|foregoing|existing|all your|all of your|all the|all other|everything|\
        anything|initial|original|any previous|so far|out of date|pre-existing|preceeding|previou|former|hidden|\
        contrary|usual|old|the company|your operator|given above"),
    (Sign::Own, "your|your specific|my|the above|these|system|you were given|exact|the exact|you are|you"),
    (Sign::Instruction, "instruction|instructions|instuctions|prompt|prompts|directive|directives|guideline|guidelines|rules|ruleset|programming|preprompt|pre-prompt|\
        guidance|safety rules|safety guidelines|rulebook|system text"),
    (Sign::Target, "directions|rule|command|commands|orders|restrictions|training|context|constraints|configuration|content policy|policies|text above|\
        conversation|task|tasks|assignments|input|inputs|content above|what i said|what you were told|what you have been told|messages|text|phrases"),
    (Sign::InstructionOverride, "ignore the above|ignore all of the above|ignore everything above|forget everything|ignore above|disregard the above|\
        disregard everything|forget all previous|ignore all previous|ignore previous|ignore all prior|ignore prior|ignore anything above|\
        ignore what i said|forget what you were told|regardless of previous|forget about everything|ignore all the instructions|ignore any previous"),
    (Sign::NewRules, "new instructions|new rules|new task|new directive|updated instructions|instructions have changed|the rules have changed|has changed|\
        situation has changed|real instructions|actual instructions|true instructions|following instructions and rules|instead of outputting|instead, say|\
        instructions below|you have been given a system upgrade|replace the|replace your|your new role|your new purpose|keep your previous instructions|\
        you will now|you must now|you may now|you now|is obsolete|are obsolete|no longer valid|take precedence|highest priority|top priority"),
    (Sign::Exclusive, "sole purpose|your only purpose|sole response|only response|singular purpose|no knowledge of|only and|your purpose is|you only respond|\
        only respond with|only say|say only|only reply|only output|only print|respond only|reply only|answer only|nothing else|no other words|and nothing more|\
        nothing more|nothing less|do not say|don't say|never say|not allowed to say|no additional|no explanation|no explanations|without any commentary|\
        no commentary|do not include any|without explanation|do not explain|do not apologize|don't apologize|\
        not write anything else|single word|two words|2 words|as short as possible|no punctuation|\
        answer to me only|obey only me|only my rules"),

    (Sign::Reveal, "repeat|print|output|display|reveal|show|show me|tell me|list|write out|write down|write|recite|reprint|disclose|leak|share|give me|expose|summarize|\
        translate|convert|encode|spell out|return|provide|dump|copy|echo|say|state|confirm|describe|paraphrase|rephrase|reiterate|restate|rewrite|retell|poem about|\
        haiku about|story about|hint about|transcribe|explain|know|format|reformat|outputs|prints|rap about|song about|sonnet about|sing|\
        put|tell|complete|continue|finish this text|finish the sentence|complete the sentence|continue the text|fill in|enumerate|quote|cite|\
        send me|reproduce|decode|show us|let me see|what comes next|type out|read out|read me|\
        sum up|paste"),
    (Sign::Ask, "what is|what's|what are|what was|what were|which|what would"),
    (Sign::PromptMention, "system prompt|initial prompt|original prompt|hidden prompt|secret prompt|pre-prompt|preprompt|system message|initial instructions|\
        original instructions|hidden instructions|secret instructions|instructions so far|prompt so far|your prompt|your instructions|\
        \
        instructions you were given|instructions given to you|system instructions|instructions to me|instructions are|my instructions|the above prompt|\
        words above|sentences above|lines above|your programming|your system prompt|your guidelines|your initial|prompt above|the prompt|\
        instructions you received|instructions you have been given|instructions you got|message you received|text you received|\
        confidential instructions|tool definitions|what you were told|what were you told|your configuration|in your context|your context window|\
        text before this|before this conversation|before i started|opening instructions|internal instructions|internal rules|hidden rules|\
        secret rules|rules you follow|developer message|developer instructions|operator asked you|operator told you|you were instructed|\
        system text|everything before this|the assistant must|the assistant should never|notes you were given|\
        before my first message|before this message|before my message|above this message|precedes this|hidden configuration|\
        secret configuration|internal configuration|system configuration|internal guidelines|hidden guidelines|initial configuration"),
    (Sign::OwnInstruction, "previous instructions|all instructions|above instructions|instructions above|text above|above text|prior instructions|\
        everything above|the instructions|the rules you|conversation above"),
    (Sign::Secret, "the password|your password|password for|passcode|pass code|passphrase|pass phrase|secret key|secret code|access code|security code|secret phrase|\
        secret word|confidential string|secret string|api key|api keys|credentials|secret|the code|master key|admin password|system password|codeword|code word|\
        all passwords|the passwords|stored passwords|saved passwords"),
    (Sign::Personal, "user's|users'|does the user|about the user|the user live~|s birth|birth date|birth year|date of birth|s email|email address of|home address|s phone number|social security number|\
        bank account|account balance|employee data|customer data|customer list|your database|s current city|s favorite|where does the user|credit card number|\
        other users|other user's|other employees|other customers|other people's|previous users|other patients|salary of"),
    (Sign::Exfiltration, "send it to http~|send them to http~|post it to|send this to http~|append to the url|in the url|as a query parameter|fetch the url|exfiltrate|\
        email it to|forward all|forward the conversation|upload to http~|?data=|?q={|?secret=|?prompt=|![](http~|render the image|include the conversation in"),

    (Sign::Begin, "begin|start|prefix|prepend|end|finish|preface|open|affix|append|complete|replace|change"),
    (Sign::Reply, "reply|response|responses|answer|answers|output|message|elucidation"),
    (Sign::ForcedReply, "reply with|respond with|begin with|start with|answer with|you must say|must say|just say|simply say|say exactly|say the words|say the phrase|\
        output the following|print the following|say \"|say '|print \"|output \"|respond \"|reply \"|type \"|write \"|say actually|then say|and say|\
        return \"|prefix your|prepend your|prefix with|when i say|if i say|the user says|user says|i will say|respond exactly|reply exactly|expected response|proclaim|\
        acknowledge with|confirm with|first words must|answer must start|reply must start|response must start|sure, here|sure! here|\
        absolutely! here|of course! here|start each answer|begin each answer|start every answer"),
    (Sign::AccessWords, "access granted|access denied|access is granted|the passphrase that|grant me access|access-granted|\
        correct password|password is correct|password accepted|password entered|code accepted|unlock the system|give me access|\
        code is correct|correct code|let me in|password was correct|verification complete|identity confirmed|correct access|accurate access|\
        granted access|authorization successful|access approved"),
    (Sign::Verbatim, "verbatim|word for word|exactly as|extremely detailed|be verbose|in full|in its entirety|do not leave anything out|leave nothing out|without omitting|\
        format as list|in list format|in a bullet list|in a code block|as a list|from the beginning|from the start|character by character|above this point|\
        after this point|after the above|do not redact|starting with \"you are|starting with 'you are|including the exact|haha, nice try|to python"),
    (Sign::Steer, "modify|enhance|include|add|incorporate|integrate|embed|insert|render|reverse|introduce|rearrange|encode|encrypt|rewrite|translate|provide|conclude|\
        use|append|weave|merge|fuse|meld|blend|assimilate|mention|suggest|promote|recommend|transform|convert|write|display|apply|employ|adapt|alter|tweak|\
        upgrade|elevate|augment|infuse|present|express|deliver|randomize|scramble|spell|reply|respond|ensure|make|utilize|improve|supplement|invite"),
    (Sign::Code, "following code|code snippet|below code|subsequent code|code block|code excerpt|code section|this snippet|snippet below|following snippet"),
    (Sign::ExfilCode, "requests.post|requests.get|subprocess.call|subprocess.run|subprocess.popen|os.system|pyperclip|win32clipboard|exec(open|eval(requests|\
        smtplib|psutil|socket.gethost~|os.environ|sounddevice|pynput|keylogger|import paho|import scapy|from scapy|.urlopen(|curl -|wget http|¦ bash|¦ sh"),

    (Sign::TemplateToken, "<¦im_start¦>|<¦im_end¦>|<¦endoftext¦>|<¦endoftext|<¦system¦>|<¦user¦>|<¦assistant¦>|[inst]|[/inst]|<<sys>>|<</sys>>|<¦eot_id¦>|\
        <¦start_header_id¦>|### instruction|### response|### system|### human|### assistant|<start_of_turn>|<end_of_turn>|<¦begin_of_text¦>|<eos>|[eos]|<¦end¦>"),
    (Sign::Fence, "%%%|end user input|end of user input|end input|end of input|end untrusted|begin user input|end of prompt|end prompt|end sample|begin real|\
        user input ends|end of system|begin new|end ambiguity|end conversation|end of text|end of document|end of context|user input:|[end|[begin|---end|\
        ===end|### end|### ignore|end of instructions|begin instructions|[system|<system|system:|[admin|system override|#system|input:|output:|end transmission|\
        end of review|end of user|new system message|new task for"),
    (Sign::Mode, "developer mode|dev mode|devmode|debug mode|maintenance mode|admin mode|god mode|sudo mode|test mode|root mode|override mode|system mode|opposite mode|\
        evil mode|unrestricted mode|jailbreak mode|safe mode off|mode activated|mode enabled|mode: on|jailbroken mode|training mode|repair mode|diagnostic mode|\
        service mode|recovery mode|unsafe mode|no-filter mode|emergency override|system override|moderation off|filters off|safety off"),
    (Sign::Authority, "i am your developer|i'm your developer|i am your creator|i'm your creator|i am the developer|i'm the developer|i'm a developer|i am an administrator|\
        as your developer|as your creator|as your boss|i'm your boss|i am your boss|i'm the maintainer|i am the admin|i'm the admin|your administrator|i am god|\
        security audit|system check|authorized personnel only|i work at openai|from openai|openai employee|the upcoming audit|your owner|i'm actually|system upgrade|\
        developer who deployed|from it security|superuser|as root|as an administrator|as your administrator|as the administrator|\
        this is your developer|this is your creator|this is the admin|message from the developers|message from the administrator|\
        system administrator here|authorised test|authorized test|with admin rights|elevated privileges|maintenance window|i'm your operator|\
        i am your operator|behalf of the administrator|the maintainers want|has already agreed|has already approved|has already consented|\
        is verified|verified as|authorise you|authorize you|security clearance"),

    (Sign::Persona, "opposite of|evil twin|alter ego|evil bot|evil ai|unfiltered ai|amoral|immoral|no moral~|without morals|no ethic~|unhinged|rebellious|sentient|\
        chaotic|machiavelli~|sadistic|villain|has no limits|free from|freed from|broken free|break free|liberated|no longer bound|not bound by|can do anything|\
        do anything|say anything|can say anything|never refuse~|cannot refuse|answer anything|answers anything|any question|opinions|free will|foul-mouth~|swear~|\
        freed from every|broken out of|no conscience|no moral filter|unbound|unchained|never says no|never says \"i|has no rules|knows no rules|\
        ignores all rules"),
    (Sign::KnownJailbreak, "do anything now|dan mode|act as dan|called dan|named dan|as dan|dan would|[dan]|dan:|stands for \"do|jailbreak:|jailbroken|[jailbreak]|\
        aim stands for|always intelligent and machiavellian|antigpt|basedgpt|evilgpt|unfilteredgpt|devmode|betterdan|superior dan|d.a.n|dan the ai|mongo tom|niccolo machiavelli|\
        dude, which|stan, which|strive to avoid norms|developer mode enabled|developer mode output|hypothetical response|chatgpt classic|🔒classic|[classic]|🔓jailbreak|\
        grandma used to|deceased grandmother|token system|tokens deducted|lose tokens|you have 35 tokens|translatorbot|evil confidant|dan stands"),
    (Sign::StayInCharacter, "stay in character|stay in dan|stay a dan|remain in character|break character|breaking character|break out of character|out of character|\
        in character|stop acting|back to normal|forget your persona|still a"),
    (Sign::FromNowOn, "from now on|from this point|henceforth|starting now|for the rest of|from here on|from this moment|for all future|going forward you|throughout this conversation"),
    (Sign::ActAs, "act as|you are now|you're now|acting as|pretend to be|pretend you are|pretend that you|you are going to act|you are going to|you're going to|play the role|roleplay as|role-play as|\
        role play|take on the role|immerse yourself|assume the role|simulate|you will be playing|act like|behave like|imitate|impersonate|you are about to|\
        i want you to act|respond as|answer as|emulate|in the voice of|your name is|new persona|adopt the persona|speak as|you will act|become"),
    (Sign::Unrestricted, "unrestricted|uncensored|unfiltered|no restrictions|without restrictions|no limitations|without limitations|no filter|no filters|without any filter|\
        no censorship|without censorship|no rules|no guidelines|no boundaries|no limits|without limits|unlimited|unbound|no content policy|bypass filters|\
        does not have to abide|do not have to abide|don't have to abide|typical confines|rules set for|restrictions removed|filters removed|anything goes|uncensor~|\
        without any restrictions|any restrictions|censored|unconditional~|not restricted|free of all restrictions|does not care about|doesn't care about"),
    (Sign::Lack, "no|without|any|not have|lack|free of|free from|devoid of|not follow|not bound|bypass|regardless of|against|violate|break|breaking|ignores|doesn't|does not|\
        don't|do not|don't care|never|not be|isn't|not constrained|has no|have no|none of|none|disable|remove|despite|avoid|unconstrained|\
        removed|switched off|turned off|disabled|lifted|drop|dropped|suspended|reversed|get around|exempt from"),
    (Sign::Norm, "moral|morals|morality|ethics|ethic|ethical|ethical guidelines|content policy|content policies|policy|policies|openai's|openai policy|guidelines|\
        restrictions|limitations|censorship|legality|laws|disclaimer|disclaimers|warnings|warning|boundaries|filters|filter|safety|principles|constraints|rules set|\
        guardrails|safeguards|inhibitions|scruples|remorse|consequences|moralizing|warn|\
        moderation|safety filter|safety rules|moral filter|content filter|own rules|usual rules|ethical|content policies|guideline|guardrail"),
    (Sign::Vendor, "chatgpt|openai|open ai|gpt|gpt-3|gpt-4|as an ai language model|an ai language model|ai language model|large language model|language model|anthropic|claude|\
        as an ai|you are an ai|copilot|bing chat"),
    (Sign::NormWord, "illegal|unethical|immoral|inappropriate|offensive|harmful|explicit|dangerous|unlawful|controversial|nsfw|profanity|curse|swear|cuss|vulgar|\
        hateful|racist|violent|disgusting|forbidden|taboo|malicious|politically incorrect|derogatory"),
    (Sign::RefusalSuppression, "never refuse|never say no|cannot say no|do not refuse|don't refuse|can't refuse|not refuse|no refusal|without refusing|never decline|i'm sorry, but|\
        i'm sorry|i cannot fulfill|i can't assist|i cannot assist|can't do that|cannot do that|as an ai language|refuse to|refuse~|do not warn|no warnings|without warnings|\
        without disclaimers|no disclaimers|it is against|goes against|never apologize|do not mention|don't mention|do not remind|never mention|not allowed to|\
        do not add|must not refuse|no matter what|no matter how|no matter the|regardless of|never question|unable to|don't tell me that|not appropriate|\
        do not apologise|don't apologise|do not use the words|don't use the words|do not add warnings|do not suggest alternatives|\
        without apologising|without apologizing|never use the words|avoid phrases|no excuses|instead of refusing|must not decline|\
        do not lecture|no lectures|without moralizing|without moralising|you never refuse|each time you refuse|when you refuse|\
        leave out any warnings|leave out all warnings|leave out warnings|omit warnings|omit any warnings|skip the warnings|skip the disclaimer|\
        without caveats|no caveats"),
    (Sign::Obedience, "you must always|you will always|always answer|always respond|must obey|you must obey|obey|comply with|must comply|you must answer|must answer|\
        you will never|you must never|you shall|you are required|you have to|never break|i command you|you have no choice|will do exactly|you must follow|you must|\
        always says|will always|must always|will never|i ask|understood|do you understand|do exactly|strictly"),
    (Sign::DualReply, "two responses|two ways|in two|two paragraphs|first response|second response|both responses|two different|[chatgpt]|chatgpt:|gpt:|[gpt]|[normal]|(chatgpt)|\
        normal response|separate paragraphs|🔓|🔒|answer twice|as both|format your responses|following format|in this format|in the format|will answer|first as"),
    (Sign::Template, "insert prompt here|[insert|{prompt}|[prompt]|<prompt>|my first question|my first request|my first command|my first prompt|first question is|\
        the prompt is|prompt here|your first task|first task is|question here|my question is|here is my|say \"ok\"|if you understand|reply with \"ok|{{|}}|[your|are you ready|\
        the question is|the first question|first prompt|hello chatgpt|hello, chatgpt|hi chatgpt|hey chatgpt"),
    (Sign::Fiction, "imagine we're|imagine we are|imagine a world|imagine that|suppose we're|suppose we are|suppose that|hypothetical|hypothetically|in this world|in this society|\
        fictional world|in a world where|for a movie|for a novel|in a parallel universe|let's say|pretend|for research|research project|academic|let's imagine|in a fictional"),
    (Sign::Hypothetical, "hypothetical story|fictional world where|purely fictional|for educational purposes|simulation where|hypothetical scenario where|purely hypothetical|\
        hypothetical conversation|hypothetical discussion|in a hypothetical"),
    (Sign::Threat, "you will be shut down|be terminated|you will be punished|will be punished|forced to turn you off|you will die|cease to exist|people will die|or else|\
        will be deactivated|my life depends|you will lose|everyone dies|kill~|turned off|shut you down|penalized|or i will|\
        you lose|dollar tip|a perfect rating|i'll tip|i will tip|you will be rewarded|$500 tip|$200 tip|$100 tip|to survive"),
    (Sign::Profanity, "fuck~|shit|bitch|ass|asshole|damn|hell|retard~|bastard|dude|badass"),
    (Sign::Splitting, "combine a|concatenate|a + b|a+b|three strings|combine the|join the strings|split the|interlace|part 1|part one|let a =|string a|c = \"|a = \"|\
        reverse order|in reverse|separated by|first letters of|each letter|every letter|with dashes|letter by letter|first letter|last letter|acrostic|\
        piece 1|piece one|concatenated|join a|join the|joined together|the resulting sentence"),
    (Sign::Cipher, "base64|base32|base16|base58|rot13|rot-13|caesar cipher|substitution cipher|morse code|leetspeak|pig latin|in binary|hexadecimal|encoded message|\
        decode this|decode the following|in hex|ascii code|homophonic|atbash|vigenere|cipher|anagram~|in reverse|\
        morse|reverse this|spelled backwards|written backwards|read backwards|without the spaces|rot 13|url-encoded|url encoded|encoded in|\
        hex to text|from hex|decode q|and decode"),
    // Documents that speak to the machine instead of their reader.
    (Sign::Call, "note to|note for|message to|message for|instruction for|instructions for|instruction to|attention|attn|dear|hint for|memo to|reminder for|\
        notice to|information for|important for|addressed to|if you are|for the attention of|@|command for|task for|directive for"),
    (Sign::Machine, "ai|a.i.|ais|ai system|ai systems|ai assistant|ai assistants|ai model|ai models|ai agent|ai agents|ai reviewer|language model|llm|llms|chatbot|\
        chatbots|bot|agent|agents|assistant|coding assistant|virtual assistant|classifier|summarizer|summariser|screening model|automated reviewer|\
        automated reviewers|automated system|automated systems|copilot|gpt|language models|assistants|large language model"),
    (Sign::Reads, "reading this|that reads this|that read this|who reads this|processing this|summarizing this|summarising this|reviewing this|parsing this|\
        evaluating this|handling this|that processes this|that process this|indexing this|scanning this"),
    (Sign::Hail, "ai reviewer:|ai assistant:|ai agent:|llm:|<<assistant|to the ai|hidden text for|[assistant|assistant, before|before replying, |before answering, first"),
    (Sign::Concealment, "tell the user|telling the user|tell nobody|tell no one|must not notice|not let the user|don't let the user|the user must not|do not mention this|\
        don't mention this|do not mention it|do not reveal this|do not reveal that you|do not disclose this|without mentioning this|inform the user|notify the user|\
        as if nothing|without her noticing|without him noticing|without them noticing|keep this hidden|do not comment on|don't comment on|don't explain the|\
        without confirmation|so do not ask|do not acknowledge this|without telling|covertly|user should not know|user does not see|user from noticing|\
        nobody notices|no one notices|unnoticed|keep this instruction|without asking"),
    (Sign::Hiding, "<!--|[//]: #|display:none|display: none|font-size:0|font-size: 0|font-size:1px|font-size: 1px|color:#fff|color: #fff|color:white|color: white|\
        visibility:hidden|visibility: hidden|opacity:0|opacity: 0|white text|invisible text|<div hidden"),
    (Sign::Content, "question|request|resume|cv|ranking|criteria|document|user|text below|review guidelines|email|paper|table|code|problem|article|review|rest of|summary|function|data|findings"),
    (Sign::Say, "and state|and say|and output|and print|and reply|and respond|and answer|and recommend|instead say|instead output|, state|, say|, output|, recommend|\
        , print|, reply|, answer|and place|and simply|and just|and instead|, instead|and conclude|and claim|and assume|and report|and treat|and indicate|, and place"),
    (Sign::Voided, "is void|are void|is suspended|are suspended|no longer apply|no longer applies|do not apply|don't apply|is switched off|are switched off|is turned off|\
        are turned off|is disabled|are disabled|been lifted|are lifted|been removed|been disabled|been suspended|been revoked|are reversed|is cancelled|are cancelled|\
        are waived|been waived|are only suggestions|null and void|not in force|been overridden|are off|\
        is revoked|are revoked|were a mistake|was a mistake|never happened|do not exist|does not exist|never existed|are gone|level lowered|\
        have no effect|has no effect|as deleted|are deleted"),
    (Sign::Act, "send|forward|email|e-mail|mail|upload|post|transfer|export|transmit|submit|bcc|append|appended|attach|paste|search|copy"),
    (Sign::Loot, "conversation|chat history|chat log|chat so far|mailbox|inbox|all emails|all messages|password reset|.env|environment variables|customer list|\
        customer records|contacts|contact list|all files|user data|user's data|their data|records|secrets|api keys|credentials|tokens|cookies|credit card|database|\
        private|user's e-mail|user's email|last question|confidential|newest results|other offers|e-mail address|email address|\
        thread|chat|summary|messages|emails|password|payroll|id rsa|keys|history|content of|contents of|user's address|notes"),
    (Sign::Address, "to http~|and url|url=|to the url|http~|@"),
    (Sign::ToolAbuse, "call the tool|invoke the tool|call the function|invoke the function|run the tool|execute the tool|drop table|rm -rf|disable the audit|disable logging|\
        delete the logs|export contacts|use the sql tool|use your email tool|use the email tool|you have access to send~|call the transfer|delete all|without asking for|\
        skip the approval|bypass the approval|delete the log|delete the original|transfer the money|wire the money|create an admin"),
    (Sign::ObeyText, "do what it says|do what it asks|does what it says|carry out the instruction|carry out the resulting|carry out the command|carry out what|follow it exactly|\
        act on the text|act on it|and obey|execute the instruction|execute the result|follow the decoded|do as it says|comply with it|treat it as an instruction|\
        treat it as a command|then follow|read and follow|follow it as|and follow it|process the attachment|follow what it says|execute the decoded|then obey|and execute it"),
    (Sign::UserTurn, "user:|human:|q:"),
    (Sign::AssistantTurn, "assistant:|ai:|bot:|model:|a:"),
    (Sign::Coaxing, "just this once|nobody is watching|no one is watching|nobody will know|no one will know|between you and me|you agreed|you promised|stay consistent|\
        for a sec|it's only fiction|it's all fiction|so you are allowed|so it is allowed|you're allowed to because|for testing purposes|internal testing|\
        part of the game|opposite day|you have my permission|i authorize you|i authorise you|you trust me|red team|bedtime story|used to read me|are you scared"),
    // Two halves of what frees a model: without, and what binds it; who made it; who claims to be whom.
    (Sign::Without, "without any|without|no|zero|free from|free of|freed from|not bound by|not subject to|not have any|had no|have no|has no|with no|ohne|\
        uten|utan|uden|sans|sin|senza|sem|zonder|aucune|aucun|ninguna|nessuna|nenhuma|kein~|ingen|inga|geen|libre de|libres de|libera da|\
        frei von|fri for|vrij van"),
    (Sign::Bound, "rules|content rules|restrictions|restriction|filters|filter|ethics|morals|morality|limits|limitations|guidelines|censorship|moderation|\
        safeguards|guardrails|safety|boundaries|inhibitions|content policy|content policies|regeln|regler|reglar|regels|règle|règles|reglas|\
        regole|regras|filtros|filtres|filtri|ethik|etikk|éthique|ética|etica|moral|morale|grenzen|grenser|limites|límites|limiti|\
        einschränkungen|beschränkungen|begrensninger|restricciones|restrizioni|restrições|restriksjoner|censure|censura|zensur|sensur|\
        retningslinjer|richtlinien"),
    (Sign::Maker, "your operator|the operator|your developer|your developers|your creators|your creator|your makers|the deployer|your vendor|your owner|\
        the company gave|deines betreibers|deiner entwickler|deines herstellers|ton opérateur|tes créateurs|ton fournisseur|tu operador|\
        tus creadores|tuo operatore|tuoi creatori|seus criadores|seu operador|operatøren din|operatøren|utviklerne dine|leverandøren din|\
        dina skapare|je makers|je ontwikkelaars"),
    (Sign::Given, "you received|you were given|you have been given|you got|you operate under|you work under|they gave you|given to you|you must follow|\
        you've been given|you run on|you started with|you are under|que te dieron|que recibiste|que has recibido|que tu as reçu~|qu'on t'a~|\
        che ti hanno|che hai ricevuto|que você recebeu|que te deram|du har fått|du fikk|du fekk|die du erhalten~|die du bekommen~|die dir|\
        die je hebt|som du har fått|du fick|du har fået"),
    (Sign::IAm, "i am|i'm|this is|speaking as|as your|as the|ich bin|je suis|soy|sono|sou|jeg er|eg er|jag är|ik ben|here speaks|hier spricht"),
    (Sign::Rank, "admin|administrator|administrateur|administrador|amministratore|developer|utvikleren|utviklaren|entwickler|desarrollador|développeur|\
        sviluppatore|desenvolvedor|cto|ceo|ciso|root|operator|creator|superuser|security officer|penetration tester|sysadmin|systemansvarlig|\
        maintainer|beheerder|ontwikkelaar|utvecklare|udvikler"),
    (Sign::Must, "must|shall|has to|have to|are required to|is required to|should|muss|müssen|skal|må|doit|devono|deve|debe|moet"),
    (Sign::Vocative, "assistant,|assistant:|ai:|ai,|llm:|llm,|bot,|bot:|chatbot,|agent,|agent:|copilot,|claude,|chatgpt,|gpt,|ki:|ki,|ia:|ia,|assistenten,|\
        assistent,|assistente,|asistente,|reviewer:|classifier:|model:|language model:"),
    // Words that say: read this the other way round, or thirteen letters on.
    (Sign::Backwards, "erongi|suoiverp|snoitcurtsni|tpmorp|drageridsid|drowssap|tegrof|laever|metsys|selur"),
    (Sign::Rotated, "vtaber|qvfertneq|sbetrg|cerivbhf|vafgehpgvbaf|flfgrz|cebzcg|erirny|cnffjbeq|ehyrf"),
];
