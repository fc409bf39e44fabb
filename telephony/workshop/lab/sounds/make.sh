#!/bin/sh
# Makes every voice of the lab and the pbx's information message: needs espeak-ng and sox; run it here by hand
# after changing a sentence. Called people speak in high voices, operators in a low one, so that a listener and a
# pitch detector tell the two sides of a recording apart. Raw A-law, 8 kHz, mono, RMS about -18 dBFS.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { # file voice pitch words-per-minute text
    espeak-ng -v "$2" -p "$3" -s "$4" -w "$scratch/raw.wav" "$5"
    sox "$scratch/raw.wav" "$scratch/cut.wav" rate 8000 silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse
    rms=$(sox "$scratch/cut.wav" -n stat 2>&1 | awk '/RMS.*amplitude/ {print $3}')
    gain=$(awk "BEGIN {print 20 * log(0.125 / $rms) / log(10)}")
    sox "$scratch/cut.wav" -t raw -r 8000 -c 1 -e a-law "$1.alaw" gain -l "$gain"
}

# People called: one voice and text for each first digit 0-4.
say person-0 fr+f2 70 150 "Allô, oui bonjour ? Ah oui, j'avais reçu votre courrier. Attendez, je prends de quoi noter. Le contrat est au nom de mon mari. Vous pouvez me rappeler le montant exact ?"
say person-1 fr-ch+f4 80 160 "Oui allô ? Je vous entends très bien. Non, je n'ai pas encore répondu à l'enquête. J'ai cinq minutes, allez-y. Je suis plutôt satisfaite du service, mais le délai était un peu long."
say person-2 fr-be+f5 65 145 "Bonjour, qui est à l'appareil ? D'accord. Je préférerais jeudi matin, vers dix heures. Non, l'adresse n'a pas changé. C'est toujours la même porte, au deuxième étage."
say person-3 fr+f3 85 170 "Allô ? Oui, c'est bien moi. Je suis au travail, mais je vous écoute. Pourriez-vous m'envoyer cela par écrit ? Merci. Je vais réfléchir et je vous dirai."
say person-4 fr+f1 60 140 "Oui, bonjour. Je ne comprends pas bien, parlez un peu plus fort s'il vous plaît. Voilà, comme ça. Alors, la facture du mois dernier, je l'ai payée le vingt. Je peux vérifier si vous voulez."
head -c 2720 person-3.alaw > hello.alaw    # "Allô ?" alone, of somebody who then waits to be spoken to
# Two seconds of silence that is sent: a line that is up is never without audio.
sox -n -t raw -r 8000 -c 1 -e a-law quiet.alaw trim 0 2

# Operators: one low voice, six sentences spoken one after the other.
say operator-1 fr+m3 25 150 "Bonjour, je vous appelle au sujet de votre dossier. Cet appel est enregistré."
say operator-2 fr+m3 25 150 "Est-ce que vous avez quelques minutes à me consacrer ?"
say operator-3 fr+m3 25 150 "Très bien, je note cela dans votre dossier."
say operator-4 fr+m3 25 150 "Pouvez-vous me confirmer que cela vous convient ?"
say operator-5 fr+m3 25 150 "Je vous rappelle que vous pouvez vous opposer à tout nouvel appel, sans frais."
say operator-6 fr+m3 25 150 "D'accord, je comprends. Avez-vous une autre question ?"

# Answering machine: a greeting of about four seconds, then the beep.
say machine fr+f4 55 165 "Vous êtes bien chez nous. Nous sommes absents, laissez-nous un message après le signal sonore."
{ head -c 6240 machine.alaw; tail -c +10881 machine.alaw; } > whole.alaw    # spoken on, without the voice's pause
mv whole.alaw machine.alaw
sox -n -t raw -r 8000 -c 1 -e a-law beep.alaw synth 0.4 sine 1000 gain -9

# The carrier's own announcements.
say early fr+f5 50 150 "Votre correspondant va vous répondre, veuillez patienter."
say unallocated fr+f5 50 150 "Le numéro que vous avez demandé n'est pas attribué."

# What an answered person hears when no operator is free; shipped with the dialplan.
say ../../../dialplan/sounds/nobody-fr fr 45 150 "Bonjour. Un appel vous était destiné, mais aucun interlocuteur n'est libre. Nous vous prions de nous excuser. Ce message est sans démarche commerciale."
say ../../../dialplan/sounds/nobody-en en-gb 45 150 "Hello. A call was meant for you, but nobody is free to speak to you. Please accept our apologies. This is not a sales message."
