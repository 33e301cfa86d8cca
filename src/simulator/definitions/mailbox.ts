// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const MAILBOX: TableSource = {
  name: 'mailbox',
  entitySet: 'mailboxes',
  primaryId: 'mailboxid',
  primaryName: 'name',
  messages:
    'Create Retrieve RetrieveMultiple Update Delete Assign SetState GrantAccess ModifyAccess RevokeAccess RetrievePrincipalAccess RetrieveSharedPrincipalsAndAccess',
  navigation: [
    ['createdby', 'createdby', 'systemuser'],
    ['createdonbehalfby', 'createdonbehalfby', 'systemuser'],
    ['modifiedby', 'modifiedby', 'systemuser'],
    ['modifiedonbehalfby', 'modifiedonbehalfby', 'systemuser'],
    ['organizationid', 'organizationid', 'organization'],
    ['ownerid', 'ownerid', 'principal', 'bindable'],
    ['owningteam', 'owningteam', 'team'],
    ['owninguser', 'owninguser', 'systemuser'],
    ['emailserverprofile', 'emailserverprofile', 'emailserverprofile', 'bindable'],
    ['regardingobjectid', 'regardingobjectid', 'systemuser'],
    ['regardingobjectid_queue', 'regardingobjectid', 'queue'],
  ],
  collections: [
    ['systemuser_defaultmailbox_mailbox', 'systemuser', 'defaultmailbox'],
    ['queue_defaultmailbox_mailbox', 'queue', 'defaultmailbox'],
    ['tracelog_Mailbox', 'tracelog', 'regardingobjectid'],
  ],
  columns: `
mailboxid                           Uniqueidentifier          CR S
name                                String:200                CUR S
emailaddress                        String:100:Email          CUR
emailserverprofile                  Lookup:emailserverprofile CUR
incomingemaildeliverymethod         Picklist:incoming         CUR = 0
outgoingemaildeliverymethod         Picklist:outgoing         CUR = 0
actdeliverymethod                   Picklist:act              CUR = 0
emailrouteraccessapproval           Picklist:approval         CUR S = 0
isemailaddressapprovedbyo365admin   Boolean                   UR S = false
regardingobjectid                   Lookup:queue,systemuser   R
regardingobjecttypecode             EntityName                R
isforwardmailbox                    Boolean                   R S = true
isserviceaccount                    Boolean                   R S = false
ownerid                             Owner:systemuser,team     CUR S
owneridtype                         EntityName                CUR S
allowemailconnectortousecredentials Boolean                   CUR = false
username                            String:200                CUR
password                            String:200                CU
ispasswordset                       Boolean                   R = false
credentialinfo                      String:4000               CUR
dataencryptionkey                   String:3500               CU
isdataencryptionkeyset              Boolean                   R = false
processemailreceivedafter           DateTime:DateOnly         CUR = 1900-01-01T00:00:00Z
processanddeleteemails              Boolean                   CUR = false
undeliverablefolder                 String:256                UR
orgmarkedasprimaryforexchangesync   Boolean                   CUR = false
isactsyncorgflagset                 Boolean                   CUR = false
testemailconfigurationscheduled     Boolean                   CUR = false
testemailconfigurationretrycount    Integer:0..               CUR S = 0
postponetestemailconfigurationuntil DateTime                  CUR = 1900-01-01T00:00:00Z
testmailboxaccesscompletedon        DateTime                  UR = 1900-01-01T00:00:00Z
incomingemailstatus                 Picklist:testStatus       UR = 0
outgoingemailstatus                 Picklist:testStatus       UR = 0
actstatus                           Picklist:testStatus       UR = 0
mailboxstatus                       Picklist:testStatus       R = 0
enabledforincomingemail             Boolean                   UR S = true
enabledforoutgoingemail             Boolean                   UR S = true
enabledforact                       Boolean                   UR S = true
processingstatecode                 Integer:0..               R S = 0
hostid                              String:256                R
processinglastattemptedon           DateTime                  R
postponemailboxprocessinguntil      DateTime:DateOnly         UR S = 1900-01-01T00:00:00Z
postponesendinguntil                DateTime:DateOnly         CUR S = 1900-01-01T00:00:00Z
postponeofficeappsdeploymentuntil   DateTime                  CUR
receivingpostponeduntil             DateTime:DateOnly         R = 1900-01-01T00:00:00Z
receivingpostponeduntilforact       DateTime:DateOnly         R = 1900-01-01T00:00:00Z
lastsuccessfulsynccompletedon       DateTime                  R
lastsyncstartedon                   DateTime                  R
lastsyncerror                       String:2048               CUR
lastsyncerrorcode                   Integer                   CUR
lastsyncerrorcount                  Integer:0..               CUR
lastsyncerrormachinename            String:320                CUR
lastsyncerroroccurredon             DateTime                  CUR
itemsfailedforlastsync              Integer:0..               CUR
itemsprocessedforlastsync           Integer:0..               CUR
transientfailurecount               Integer:0..               R S = 0
forcedunlockcount                   Integer:0..               R S = 0
lastmailboxforcedunlockoccurredon   DateTime                  R
noemailcount                        Integer:0..               R
noactcount                          Integer:0..               R
processedtimes                      Integer:-1..              R
averagetotalduration                Integer:-1..              R
lastduration                        Integer:-1..              R
mailboxprocessingcontext            Integer:0..               CUR
lastactiveon                        DateTime                  - S
lastmessageid                       String:320                -
ewsurl                              String:2084:Url           CUR
lastautodiscoveredon                DateTime                  CUR = 1900-01-01T00:00:00Z
exchangesyncstatexml                Memo:1073741823           CUR
folderhierarchy                     Memo:1048576              CUR
exchangecontactsimportstatus        Picklist:contactsImport   CUR = 0
isexchangecontactsimportscheduled   Boolean                   R S = false
exchangecontactsimportcompletedon   DateTime                  R
officeappsdeploymentscheduled       Boolean                   CUR = false
officeappsdeploymentstatus          Picklist:officeApps       CUR = 0
officeappsdeploymentcompleteon      DateTime                  R
officeappsdeploymenterror           String:2048               R
verboseloggingenabled               Integer:0..100            UR S = 0
statecode                           State:state               UR S = 0
statuscode                          Status:status             CUR S = 1
createdby                           Lookup:systemuser         R
createdon                           DateTime                  R
createdonbehalfby                   Lookup:systemuser         R
modifiedby                          Lookup:systemuser         R
modifiedon                          DateTime                  R
modifiedonbehalfby                  Lookup:systemuser         R
organizationid                      Lookup:organization       R S
owningbusinessunit                  Lookup:-                  R
owningteam                          Lookup:team               R
owninguser                          Lookup:systemuser         R
entityimage                         Image                     CUR
entityimage_timestamp               BigInt                    R
entityimage_url                     String:200:Url            R
entityimageid                       Uniqueidentifier          R
timezoneruleversionnumber           Integer:-1..              CUR
utcconversiontimezonecode           Integer:-1..              CUR
versionnumber                       BigInt                    R
`,
}
