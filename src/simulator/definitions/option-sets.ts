// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one option set per entry.

/** Option sets by the name the column lines use: `value=label`, and `@state` where a status reason belongs to a state. */
export const OPTION_SETS: Readonly<Record<string, string>> = {
  serverType: '0=Exchange Server; 1=Other (POP3/SMTP); 2=Exchange Server (Hybrid); 3=Exchange Online (Hybrid)',
  authentication: '0=Auto Detect; 1=Negotiate; 2=NTLM; 3=Basic',
  credentials:
    '0=Credentials Specified by a User or Queue; 1=Credentials Specified in Email Server Profile; 2=Server to Server Authentication; 3=Windows Integrated Authentication; 4=Without Credentials (Anonymous)',
  exchangeVersion:
    '0=Exchange 2007; 1=Exchange 2007 SP1; 2=Exchange 2010; 3=Exchange 2010 SP1; 4=Exchange 2010 SP2; 5=Exchange 2013',
  outcome: '0=Failure; 1=Success',
  execution: '0=Failure; 1=Success; 2=Warning',
  state: '0=Active; 1=Inactive',
  status: '1=Active@0; 2=Inactive@1',
  incoming:
    '0=None; 1=Microsoft Dynamics 365 for Outlook; 2=Server-Side Synchronization or Email Router; 3=Forward Mailbox',
  outgoing: '0=None; 1=Microsoft Dynamics 365 for Outlook; 2=Server-Side Synchronization or Email Router',
  act: '0=Microsoft Dynamics 365 for Outlook; 1=Server-Side Synchronization; 2=None',
  approval: '0=Empty; 1=Approved; 2=Pending Approval; 3=Rejected',
  testStatus: '0=Not Run; 1=Success; 2=Failure',
  contactsImport: '0=NotImported; 1=Imported; 2=ImportFailed',
  officeApps: '0=NotInstalled; 1=Installed; 2=InstallFailed; 3=UninstallFailed; 4=UpgradeRequired',
  channel: '0=Server-Side Synchronization; 1=Microsoft Dynamics 365 Email Router',
  queueIncoming: '0=None; 2=Server-Side Synchronization or Email Router; 3=Forward Mailbox',
  queueOutgoing: '0=None; 2=Server-Side Synchronization or Email Router',
  filtering:
    '0=All email messages; 1=Email messages in response to Dynamics 365 email; 2=Email messages from Dynamics 365 Leads, Contacts and Accounts; 3=Email messages from Dynamics 365 records that are email enabled',
  queueView: '0=Public; 1=Private',
  access: '0=Read-Write; 1=Administrative; 2=Read; 3=Support User; 4=Non-interactive; 5=Delegated Admin',
  licence:
    '0=Professional; 1=Administrative; 2=Basic; 3=Device Professional; 4=Device Basic; 5=Essential; 6=Device Essential; 7=Enterprise; 8=Device Enterprise; 9=Sales; 10=Service; 11=Field Service; 12=Project Service',
  level: '1=Information; 2=Warning; 3=Error',
}
