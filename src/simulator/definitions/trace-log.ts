// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const TRACE_LOG: TableSource = {
  name: 'tracelog',
  entitySet: 'tracelogs',
  primaryId: 'tracelogid',
  primaryName: 'text',
  messages: 'Create Retrieve RetrieveMultiple Delete',
  navigation: [
    ['regardingobjectid_mailbox', 'regardingobjectid', 'mailbox', 'bindable'],
    ['regardingobjectid_emailserverprofile', 'regardingobjectid', 'emailserverprofile', 'bindable'],
  ],
  collections: [['tracelog_parent_tracelog', 'tracelog', 'parenttracelogid']],
  columns: `
tracelogid                        Uniqueidentifier                  CR S
regardingobjectid                 Lookup:emailserverprofile,mailbox CR S
regardingobjecttypecode           EntityName                        CR
level                             Picklist:level                    CR A
text                              String:2000                       CR
tracecode                         Integer:0..1000000000             CR S
tracestatus                       Boolean                           CR = false
errordetails                      String:2048                       CUR
errortypedisplay                  String:320                        CUR
traceparameterxml                 Memo:1073741823                   CR
traceactionxml                    Memo:1073741823                   CR
tracedetailxml                    Memo:1073741823                   CUR
machinename                       String:320                        CUR
collationlevel                    Integer:0..                       CR
isunique                          Boolean                           CR = false
canbedeleted                      Boolean                           CR = true
parenttracelogid                  Lookup:tracelog                   CR
traceparameterhash                Integer                           R
regardingobjectownerid            Owner:systemuser,team             R S
regardingobjectowneridtype        EntityName                        R
regardingobjectowningbusinessunit Lookup:-                          R
traceregardingid                  Lookup:-                          - S
createdby                         Lookup:systemuser                 R
createdon                         DateTime                          R
createdonbehalfby                 Lookup:systemuser                 R
modifiedby                        Lookup:systemuser                 R
modifiedon                        DateTime                          R
modifiedonbehalfby                Lookup:systemuser                 R
organizationid                    Lookup:organization               R S
timezoneruleversionnumber         Integer:-1..                      CUR
utcconversiontimezonecode         Integer:-1..                      CUR
`,
}
