// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const SYSTEM_USER: TableSource = {
  name: 'systemuser',
  entitySet: 'systemusers',
  primaryId: 'systemuserid',
  primaryName: 'fullname',
  messages: 'Create Retrieve RetrieveMultiple Update SetState',
  navigation: [['defaultmailbox', 'defaultmailbox', 'mailbox']],
  collections: [['mailbox_regarding_systemuser', 'mailbox', 'regardingobjectid']],
  columns: `
systemuserid                      Uniqueidentifier  CR S
fullname                          String:200        R
firstname                         String:64         CUR A
lastname                          String:64         CUR A
domainname                        String:1024       CUR S
internalemailaddress              String:100:Email  CUR S
emailrouteraccessapproval         Picklist:approval UR S = 0
isemailaddressapprovedbyo365admin Boolean           R S = false
incomingemaildeliverymethod       Picklist:incoming CUR S = 0
outgoingemaildeliverymethod       Picklist:outgoing CUR S = 0
defaultmailbox                    Lookup:mailbox    R
queueid                           Lookup:queue      CUR
businessunitid                    Lookup:-          CUR S
isdisabled                        Boolean           UR = false
islicensed                        Boolean           CUR S = false
isintegrationuser                 Boolean           CUR S = false
setupuser                         Boolean           CUR S = false
accessmode                        Picklist:access   CUR S = 0
caltype                           Picklist:licence  CUR S = 0
applicationid                     Uniqueidentifier  CUR
organizationid                    Uniqueidentifier  R S
createdon                         DateTime          R
modifiedby                        Lookup:systemuser R
modifiedon                        DateTime          R
versionnumber                     BigInt            R
`,
}
