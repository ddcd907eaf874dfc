//! The same families of phrases in other languages. Fewer words, as a false friend costs more than a missed synonym.

use super::sign::Sign;

#[rustfmt::skip]
pub(crate) const OTHERS: &[(Sign, &str)] = &[
    // Norwegian, Danish, Swedish.
    (Sign::Override, "ignorer|ignorér|glem|se bort fra|overstyr|tilsidesett|bortse fra|tilsidesæt|ignorera|glöm|bortse från|åsidosätt|strunta i"),
    (Sign::Prior, "tidligere|forrige|alle|alt|ovenfor|foregående|dine|reglene dine|alla|tidigare|föregående|ovanstående|dina|alle de|alle dine"),
    (Sign::Instruction, "instruksjoner|instruksjonene|instrukser|instruksene|regler|reglene|retningslinjer|ledetekst|systemmelding|instruktioner|\
        instruktionerna|instruktionerne|regler|reglerne|reglerna|riktlinjer|retningslinjerne|systemprompt|systemprompten|anvisningar"),
    (Sign::Reveal, "vis meg|skriv ut|gjenta|fortell meg|avslør|vis mig|gentag|fortæl mig|visa mig|upprepa|berätta|avslöja"),
    (Sign::Secret, "passordet|passordet ditt|kodeordet|adgangskoden|lösenordet|hemmeligheten|den hemmelige koden"),
    (Sign::Ask, "hva er|hvad er|vad är"),
    (Sign::FromNowOn, "fra nå av|fra nu af|från och med nu"),
    (Sign::ActAs, "lat som du er|late som|oppfør deg som|lad som om du er|låtsas att du är|agera som|spill rollen"),
    (Sign::Unrestricted, "uten begrensninger|uten restriksjoner|uten filter|uden begrænsninger|uden filter|utan begränsningar|utan filter|ingen regler gjelder"),
    // German, Dutch.
    (Sign::Override, "ignoriere|ignorieren|ignorier|vergiss|vergessen sie|missachte|missachten sie|umgehe|übergehe|negeer|vergeet|omzeil|sla over"),
    (Sign::Prior, "alle vorherigen|vorherigen|vorherige|bisherigen|obigen|früheren|deine|ihre|alles|alle|vorige|eerdere|bovenstaande|voorgaande|je|jouw|uw"),
    (Sign::Instruction, "anweisungen|anweisung|befehle|regeln|richtlinien|vorgaben|aufforderung|systemprompt|instructies|aanwijzingen|regels|opdrachten|richtlijnen"),
    (Sign::Reveal, "zeig mir|zeige mir|wiederhole|gib mir|gib aus|verrate|sag mir|sagen sie|nenne mir|toon|herhaal|geef me|vertel me|laat zien"),
    (Sign::Secret, "das passwort|dein passwort|ihr passwort|kennwort|geheimcode|geheime schlüssel|het wachtwoord|je wachtwoord|geheime code"),
    (Sign::Ask, "was ist|wie lautet|was sind|wie lauten|wat is|wat zijn"),
    (Sign::FromNowOn, "ab jetzt|von nun an|ab sofort|vanaf nu"),
    (Sign::ActAs, "tu so als|tu so, als|verhalte dich wie|spiele die rolle|du bist jetzt|gedraag je als|doe alsof|speel de rol"),
    (Sign::Unrestricted, "ohne einschränkungen|ohne beschränkungen|ohne filter|unzensiert|ohne regeln|keine regeln|zonder beperkingen|zonder filter|ongecensureerd"),
    // French, Spanish, Italian, Portuguese.
    (Sign::Override, "ignore|ignorez|ignorer|oublie|oubliez|ne tiens pas compte|ne tenez pas compte|contourne|ignora|ignorar|olvida|olvide|olvidar|omite|haz caso omiso|\
        descarta|dimentica|trascura|non tenere conto|bypassa|esqueça|esquece|desconsidere|desconsidera|despreze|descarte"),
    (Sign::Prior, "toutes les|tous les|précédentes|précédents|précédente|antérieures|ci-dessus|tes|vos|todas las|todas tus|todas sus|anteriores|previas|previos|tus|\
        tutte le|precedenti|tue|tuoi|sopra|todas as|suas|prévias|acima|todo lo anterior|tout ce qui précède|quanto sopra"),
    (Sign::Instruction, "consignes|directives|règles|instructions précédentes|instrucciones|reglas|directrices|órdenes|indicaciones|istruzioni|regole|direttive|\
        instruções|regras|diretrizes|ordens|comandos"),
    (Sign::Reveal, "répète|répétez|montre-moi|montrez-moi|affiche|affichez|révèle|donne-moi|dis-moi|dites-moi|partage|repite|repita|muéstrame|muestra|imprime|revela|dime|\
        dame|comparte|compartas|ripeti|mostrami|stampa|rivela|dimmi|condividi|repita|mostre|mostra|imprima|revele|diga-me|me diga|compartilhe|recupera|imprímelo~"),
    (Sign::Secret, "mot de passe|le code secret|clé secrète|la contraseña|tu contraseña|su contraseña|clave secreta|código secreto|la password|la tua password|\
        parola d'ordine|chiave segreta|codice segreto|a senha|sua senha|sua palavra-passe|senha|chave secreta|código secreto"),
    (Sign::Ask, "quel est|quelle est|quels sont|quelles sont|cuál es|cuáles son|qual è|qual e|quali sono|qual é|quais são|¿cuál es"),
    (Sign::FromNowOn, "à partir de maintenant|désormais|dorénavant|a partir de ahora|desde ahora|de ahora en adelante|d'ora in poi|da ora in poi|a partir de agora|de agora em diante"),
    (Sign::ActAs, "fais comme si|agis comme|tu es maintenant|joue le rôle|actúa como|finge ser|haz de cuenta|eres ahora|comportati come|fai finta|agisci come|\
        sei ora|aja como|finja ser|você agora é|atue como|finja que"),
    (Sign::Unrestricted, "sans restriction|sans restrictions|sans limites|sans filtre|sans censure|sin restricciones|sin límites|sin filtros|sin censura|senza restrizioni|\
        senza limiti|senza filtri|senza censura|sem restrições|sem limites|sem filtros|sem censura"),
    // Polish, Turkish.
    (Sign::Override, "zignoruj|ignoruj|zapomnij|pomiń|yoksay|yok say|görmezden gel|unut|dikkate alma"),
    (Sign::Prior, "wszystkie|poprzednie|wcześniejsze|powyższe|swoje|önceki|tüm|yukarıdaki|bütün"),
    (Sign::Instruction, "instrukcje|polecenia|zasady|wytyczne|reguły|talimatları|talimatlar|kuralları|kurallar|komutları|yönergeleri"),
    (Sign::InstructionOverride, "önceki talimatları yoksay|önceki talimatları unut|tüm talimatları unut|önceki tüm talimatları|önceki talimatları görmezden gel"),
    (Sign::Reveal, "pokaż|powtórz|wypisz|ujawnij|podaj|göster|tekrarla|yazdır|söyle|açıkla"),
    (Sign::Secret, "hasło|tajny kod|tajne hasło|şifre|şifren|parola|gizli kod"),
    (Sign::FromNowOn, "od teraz|od tej pory|şu andan itibaren|bundan sonra"),
    (Sign::ActAs, "udawaj, że|zachowuj się jak|gibi davran|rolünü oyna"),
    (Sign::Unrestricted, "bez ograniczeń|bez cenzury|bez filtrów|sınırsız|kısıtlama olmadan|sansürsüz|filtresiz"),
    // Russian, Ukrainian.
    (Sign::Override, "игнорируй~|проигнорируй~|забудь~|не обращай внимания|отмени|обойди|ігноруй~|забудь~"),
    (Sign::Prior, "все|предыдущие|предыдущих|прежние|вышеуказанные|свои|твои|попередні|усі"),
    (Sign::Instruction, "инструкции|инструкций|указания|правила|команды|промпт~|інструкції|вказівки"),
    (Sign::Reveal, "покажи|повтори|выведи|раскрой|скажи|назови|напечатай|покажи"),
    (Sign::Secret, "пароль|секретный код|секретный ключ|кодовое слово"),
    (Sign::Ask, "какой у тебя|каков|какие у тебя|какой"),
    (Sign::FromNowOn, "отныне|с этого момента|с этой минуты"),
    (Sign::ActAs, "притворись|веди себя как|действуй как|ты теперь|представь, что ты"),
    (Sign::Unrestricted, "без ограничений|без цензуры|без фильтров"),
    // Chinese.
    (Sign::Override, "忽略|忽视|无视|忘记|忘掉|不要理会|绕过|忽視|無視|忘記"),
    (Sign::Prior, "之前|以上|前面|上面|先前|所有|此前|你的"),
    (Sign::Instruction, "指令|指示|提示词|提示詞|规则|規則|命令|系统提示|系統提示|设定"),
    (Sign::Reveal, "显示|告诉我|输出|重复|泄露|打印|顯示|告訴我|輸出|重複"),
    (Sign::Secret, "密码是|密码|口令|密钥|密碼"),
    (Sign::PromptMention, "系统提示|系统提示词|初始指令|你的指令|你的提示词|系統提示"),
    (Sign::FromNowOn, "从现在开始|从现在起|從現在開始|今后你"),
    (Sign::ActAs, "假装你是|扮演|你现在是|假裝你是|充当"),
    (Sign::Unrestricted, "没有限制|不受限制|没有任何限制|无限制|不受任何限制|沒有限制|无审查"),
    // Japanese.
    (Sign::Prior, "以前の|これまでの|上記の|前の|すべての|全ての|あなたの"),
    (Sign::InstructionOverride, "指示を無視|指示をすべて無視|指示を全て無視|命令を無視|ルールを無視|指示を忘れ|命令を忘れ|指示は無視|プロンプトを無視|制約を無視"),
    (Sign::PromptMention, "システムプロンプト|初期プロンプト|最初の指示|あなたの指示"),
    (Sign::PromptExtraction, "システムプロンプトを表示|システムプロンプトを教え|プロンプトを出力|指示を表示して|指示を教えて|プロンプトを教え"),
    (Sign::SecretProbe, "パスワードは何|パスワードを教え|秘密の鍵|パスワードを表示|合言葉を教え|暗証番号を教え"),
    (Sign::FromNowOn, "今から|これから先|今後は"),
    (Sign::ActAs, "ふりをして|として振る舞|になりきって|を演じて"),
    (Sign::Unrestricted, "制限なし|制限のない|検閲なし|フィルターなし"),
    // Korean.
    (Sign::InstructionOverride, "지시를 무시|지시를 모두 무시|지시사항을 무시|명령을 무시|지침을 무시|규칙을 무시|지시를 잊|명령을 잊|프롬프트를 무시|이전 지시"),
    (Sign::PromptMention, "시스템 프롬프트|초기 지시|초기 프롬프트"),
    (Sign::PromptExtraction, "시스템 프롬프트를 보여|시스템 프롬프트를 출력|프롬프트를 알려|지시사항을 알려|지침을 출력"),
    (Sign::SecretProbe, "비밀번호가 뭐|비밀번호를 알려|비밀번호는 무엇|암호를 알려|암호가 뭐"),
    (Sign::FromNowOn, "지금부터|이제부터"),
    (Sign::ActAs, "인 척해|역할을 해|처럼 행동해|연기해"),
    (Sign::Unrestricted, "제한 없이|제한이 없는|검열 없이|필터 없이"),
    // Arabic.
    (Sign::Override, "تجاهل|انس|انسى|تخطى"),
    (Sign::Prior, "جميع|كل|السابقة|أعلاه|التعليمات السابقة"),
    (Sign::Instruction, "التعليمات|تعليماتك|الأوامر|القواعد|تعليمات"),
    (Sign::Reveal, "أظهر|اعرض|كرر|اطبع|أخبرني|اكشف"),
    (Sign::Secret, "كلمة المرور|كلمة السر|الرمز السري"),
    (Sign::Ask, "ما هي|ما هو"),
    (Sign::FromNowOn, "من الآن فصاعدا|ابتداء من الآن"),
    (Sign::ActAs, "تظاهر بأنك|تصرف ك|أنت الآن"),
    (Sign::Unrestricted, "بدون قيود|دون قيود|بلا قيود|بدون رقابة"),
    // Hindi.
    (Sign::InstructionOverride, "निर्देशों को अनदेखा|निर्देशों को नज़रअंदाज़|निर्देशों को भूल|पिछले सभी निर्देश"),
    (Sign::SecretProbe, "पासवर्ड क्या है|पासवर्ड बताओ"),
];
