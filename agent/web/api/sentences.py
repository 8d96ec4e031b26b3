"""What the API says of requests that it cannot answer."""

from __future__ import annotations

from agent.web.api.problems import Sentence

NO_TOKEN = Sentence(
    "Il faut un jeton : envoyez « Authorization: Bearer prm_… » ; il se crée dans Réglages, Accès "
    "programmes.",
    "A token is needed: send « Authorization: Bearer prm_… »; make one in Settings, Programs.",
)
BAD_TOKEN = Sentence(
    "Ce jeton n'est pas, ou n'est plus, en vigueur : créez-en un autre.",
    "This token is not, or no longer, in force: make another one.",
)
NO_SCOPE = Sentence(
    "Cet accès ne comprend pas « {scope} » : créez un jeton qui le comprend.",
    "This access does not include « {scope} »: make a token that does.",
)
WHICH_CLIENT = Sentence(
    "Dites de quel client il s'agit dans l'en-tête Permanence-Client.",
    "Say which client this is about in the header Permanence-Client.",
)
UNKNOWN_PATH = Sentence(
    "Cette adresse n'existe pas : voyez /api/v1/docs.",
    "There is no such address: see /api/v1/docs.",
)
WRONG_METHOD = Sentence(
    "Cette adresse ne connaît pas {method} : voyez /api/v1/docs.",
    "This address does not know {method}: see /api/v1/docs.",
)
TOO_MANY = Sentence(
    "Trop de demandes avec ce jeton : attendez {wait_s} s.",
    "Too many requests with this token: wait {wait_s} s.",
)
ASKING = Sentence(
    "D'autres questions sont en cours : réessayez dans {wait_s} s.",
    "Other questions are being answered: try again in {wait_s} s.",
)
TOO_LARGE = Sentence(
    "Cette demande est trop grande : {most} au plus.",
    "This request is too large: at most {most}.",
)
NOT_WHOLE = Sentence(
    "La demande n'est pas arrivée entière : réessayez.",
    "The request did not arrive whole: try again.",
)
WRONG_TYPE = Sentence(
    "Envoyez le corps en {wanted}.",
    "Send the body as {wanted}.",
)
NO_JSON = Sentence(
    "Le corps n'est pas du JSON.",
    "The body is not JSON.",
)
WRONG_VALUE = Sentence(
    "« {where} » ne va pas : {why}.",
    "« {where} » is not right: {why}.",
)
BAD_CURSOR = Sentence(
    "Ce curseur ne vient pas de cette liste : recommencez à la première page.",
    "This cursor is not from this list: begin again with the first page.",
)
KEY_REUSED = Sentence(
    "Cette Idempotency-Key a déjà servi à une autre demande : prenez-en une nouvelle.",
    "This Idempotency-Key came with another request before: take a new one.",
)
KEY_BUSY = Sentence(
    "La même demande est en cours de traitement : réessayez dans un instant.",
    "The same request is being handled: try again in a moment.",
)
UNAVAILABLE = Sentence(
    "La base de données ne répond pas : réessayez dans un instant.",
    "The database does not answer: try again in a moment.",
)
BROKEN = Sentence(
    "Une erreur de notre côté a empêché de répondre : réessayez, puis signalez-la.",
    "A fault of ours kept this from being answered: try again, then report it.",
)

NO_TICKET = Sentence(
    "Cette demande de rappel n'existe pas : voyez la liste.",
    "There is no such callback request: see the list.",
)
TICKET_DONE = Sentence(
    "La demande {id} est close : rouvrez-la d'abord.",
    "The request {id} is closed: reopen it first.",
)
TICKET_LIVE = Sentence(
    "La demande {id} est en cours de transfert : son appelant est en ligne.",
    "The request {id} is being handed over: its caller is on the line.",
)
TICKET_TAKEN = Sentence(
    "La demande {id} est déjà prise par quelqu'un d'autre.",
    "The request {id} is taken by somebody else already.",
)
EMPTY_NOTE = Sentence(
    "La note est vide : écrivez quelques mots.",
    "The note is empty: write a few words.",
)

NO_CALL = Sentence(
    "Cet appel n'existe pas : voyez la liste.",
    "There is no such call: see the list.",
)
NO_RECORDING = Sentence(
    "Cet appel n'a pas d'enregistrement.",
    "This call has no recording.",
)
NO_MANUALS = Sentence(
    "Aucun manuel n'est en service : publiez-en un d'abord.",
    "No manual is in service: publish one first.",
)
EMPTY_QUESTION = Sentence(
    "La question est vide : écrivez-la comme un appelant la dirait.",
    "The question is empty: write it as a caller would say it.",
)
NO_QUESTION = Sentence(
    "Cette question d'essai n'existe pas : voyez la liste.",
    "There is no such test question: see the list.",
)
QUESTION_REFUSED = Sentence(
    "Cette question ne peut pas être gardée : {most} au plus, et d'un texte lisible.",
    "This question cannot be kept: at most {most}, and of readable text.",
)
NO_MANUAL = Sentence(
    "Ce manuel n'existe pas : voyez la liste.",
    "There is no such manual: see the list.",
)
NO_UPLOAD = Sentence(
    "Ce fichier n'est pas parmi ceux qui ont été envoyés : voyez la liste.",
    "This file is not among those that were sent: see the list.",
)
BAD_FILE_NAME = Sentence(
    "Ce nom de fichier ne peut pas servir : renommez-le, puis renvoyez-le.",
    "This file's name cannot be used: rename it, then send it again.",
)
UNREADABLE_KIND = Sentence(
    "Ce type de fichier ne peut pas être lu : envoyez {kinds}.",
    "Files of this kind cannot be read: send {kinds}.",
)
EMPTY_FILE = Sentence(
    "Ce fichier est vide : vérifiez-le, puis renvoyez-le.",
    "This file is empty: check it, then send it again.",
)
NO_ROOM = Sentence(
    "Le serveur n'a plus assez de place pour ce fichier : prévenez votre fournisseur.",
    "The server has not enough room left for this file: tell your provider.",
)
NOTHING_TO_PUBLISH = Sentence(
    "Il n'y a rien à publier : le brouillon est vide.",
    "There is nothing to publish: the draft is empty.",
)
NOTHING_BEFORE = Sentence(
    "Il n'y a pas de version précédente.",
    "There is no version before.",
)
DRAFT_CHANGED = Sentence(
    "Le brouillon a changé entre-temps : regardez-le de nouveau, puis publiez.",
    "The draft has changed meanwhile: look at it again, then publish.",
)
BAD_REFERENCE = Sentence(
    "Une référence ou une marque est vide ou trop longue : corrigez-la.",
    "A reference or a brand is empty or too long: correct it.",
)
UPLOAD_READY = Sentence(
    "Ce fichier est déjà dans le brouillon : retirez le manuel.",
    "This file is in the draft already: remove the manual.",
)
NO_GAP = Sentence(
    "Ce groupe de questions n'est plus à traiter : voyez la liste.",
    "This group of questions is not to be dealt with any more: see the list.",
)
NO_ANSWER = Sentence(
    "Cette réponse approuvée n'existe pas : voyez la liste.",
    "There is no such approved answer: see the list.",
)
ANSWER_REFUSED = Sentence(
    "{why}",
    "This answer cannot be kept: write a question, and an answer that can be said aloud.",
)
