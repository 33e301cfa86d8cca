import type { AlertTopic } from './alert-texts.ts'

/** Texts can be had in these languages, by Windows LCID. */
export const LANGUAGES: readonly number[] = [1031, 1033, 1036, 1041, 3082]

/** Alert texts of further languages by Windows LCID; what is missing is told in English, as with a language pack that is half installed. */
export const OTHER_LANGUAGES: Readonly<Record<number, Readonly<Partial<Record<AlertTopic, string>>>>> = {
  1036: {
    TestPassed:
      'La boîte aux lettres {0} a réussi son test. Les e-mails, rendez-vous, contacts et tâches sont traités comme configuré.',
    AddressNotApproved:
      "Les e-mails de la boîte aux lettres {0} ne peuvent pas être traités, car l'adresse {1} n'est pas approuvée.",
    ConnectionFailed:
      "Aucune connexion sécurisée à Microsoft Exchange n'a pu être établie pour la boîte aux lettres {0}.",
    MailboxMissing: "La boîte aux lettres {0} avec l'adresse {1} est introuvable dans Microsoft Exchange.",
    LocationNotDetermined: "L'emplacement de la boîte aux lettres {0} n'a pas pu être déterminé.",
    CredentialsRefused:
      "Les informations d'identification de la boîte aux lettres {0} sont incorrectes ou insuffisantes.",
    OtherOrganization:
      'Les rendez-vous, contacts et tâches de la boîte aux lettres {0} appartiennent à une autre organisation : {2}.',
  },
  1041: {
    TestPassed: 'メールボックス {0} のテストに成功しました。',
    AddressNotApproved: 'アドレス {1} が承認されていないため、メールボックス {0} の電子メールを処理できません。',
    MailboxMissing: 'アドレス {1} のメールボックス {0} が Microsoft Exchange に見つかりません。',
    CredentialsRefused: 'メールボックス {0} の資格情報が正しくないか、権限が不足しています。',
    OtherOrganization: 'メールボックス {0} の予定、連絡先、タスクは別の組織 {2} が同期しています。',
  },
  3082: {
    TestPassed:
      'El buzón {0} superó la prueba. El correo, las citas, los contactos y las tareas se procesan según lo configurado.',
    AddressNotApproved: 'No se puede procesar el correo del buzón {0} porque la dirección {1} no está aprobada.',
    ConnectionFailed: 'No se pudo establecer una conexión segura con Microsoft Exchange para el buzón {0}.',
    MailboxMissing: 'No se encontró en Microsoft Exchange el buzón {0} con la dirección {1}.',
    LocationNotDetermined: 'No se pudo determinar la ubicación del buzón {0}.',
    CredentialsRefused: 'Las credenciales del buzón {0} son incorrectas o no tienen permisos suficientes.',
    OtherOrganization: 'Las citas, los contactos y las tareas del buzón {0} pertenecen a otra organización: {2}.',
  },
}
