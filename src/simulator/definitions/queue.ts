// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const QUEUE: TableSource = {
  name: 'queue',
  entitySet: 'queues',
  primaryId: 'queueid',
  primaryName: 'name',
  messages:
    'Create Retrieve RetrieveMultiple Update Delete Assign SetState AddPrincipalToQueue RetrieveUserQueues GrantAccess ModifyAccess RevokeAccess RetrievePrincipalAccess RetrieveSharedPrincipalsAndAccess',
  navigation: [
    ['ownerid', 'ownerid', 'principal', 'bindable'],
    ['defaultmailbox', 'defaultmailbox', 'mailbox'],
  ],
  collections: [['mailbox_regarding_queue', 'mailbox', 'regardingobjectid']],
  columns: `
queueid                           Uniqueidentifier       CR S
name                              String:200             CUR A
description                       Memo:2000              CUR
emailaddress                      String:100:Email       CUR
emailrouteraccessapproval         Picklist:approval      UR S = 0
isemailaddressapprovedbyo365admin Boolean                R S = false
incomingemaildeliverymethod       Picklist:queueIncoming CUR S = 0
outgoingemaildeliverymethod       Picklist:queueOutgoing CUR S = 0
incomingemailfilteringmethod      Picklist:filtering     CUR S = 0
queueviewtype                     Picklist:queueView     CUR S = 0
defaultmailbox                    Lookup:mailbox         R
ownerid                           Owner:systemuser,team  CUR S
businessunitid                    Lookup:-               CUR
ignoreunsolicitedemail            Boolean                CUR = false
primaryuserid                     Lookup:systemuser      CUR
allowemailcredentials             Boolean                R S = false
emailusername                     String:200             R
emailpassword                     String:200             R
statecode                         State:state            UR S = 0
statuscode                        Status:status          CUR S = 1
createdby                         Lookup:systemuser      R
createdon                         DateTime               R
createdonbehalfby                 Lookup:systemuser      R
modifiedby                        Lookup:systemuser      R
modifiedon                        DateTime               R
modifiedonbehalfby                Lookup:systemuser      R
organizationid                    Lookup:organization    R S
owningbusinessunit                Lookup:-               R
owningteam                        Lookup:team            R
owninguser                        Lookup:systemuser      R
versionnumber                     BigInt                 R
`,
}
