// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const EMAIL_SERVER_PROFILE: TableSource = {
  name: 'emailserverprofile',
  entitySet: 'emailserverprofiles',
  primaryId: 'emailserverprofileid',
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
  ],
  collections: [
    ['emailserverprofile_mailbox', 'mailbox', 'emailserverprofile'],
    ['EmailServerProfile_Organization', 'organization', 'defaultemailserverprofileid'],
    ['tracelog_EmailServerProfile', 'tracelog', 'regardingobjectid'],
  ],
  columns: `
emailserverprofileid                  Uniqueidentifier         CR S
name                                  String:100               CUR A
description                           Memo:2000                CUR
servertype                            Picklist:serverType      CUR A
emailservertypename                   String:250               R
usedefaulttenantid                    Boolean                  CUR = true
exchangeonlinetenantid                String:36                CUR
useautodiscover                       Boolean                  CUR = false
defaultserverlocation                 String:2084              CUR
incomingserverlocation                String:2084              CUR
outgoingserverlocation                String:2084              CUR
incomingportnumber                    Integer:0..65536         CUR
outgoingportnumber                    Integer:0..65536         CUR
incomingusessl                        Boolean                  CUR = true
outgoingusessl                        Boolean                  CUR = true
incomingauthenticationprotocol        Picklist:authentication  CUR = 0
outgoingauthenticationprotocol        Picklist:authentication  CUR = 0
incomingcredentialretrieval           Picklist:credentials     CUR
outgoingcredentialretrieval           Picklist:credentials     CUR
incomingusername                      String:250               CUR
outgoingusername                      String:250               CUR
incomingpassword                      String:250               CU
outgoingpassword                      String:250               CU
isincomingpasswordset                 Boolean                  R = false
isoutgoingpasswordset                 Boolean                  R = false
incominguseimpersonation              Boolean                  CUR = false
outgoinguseimpersonation              Boolean                  CUR = false
outgoingautograntdelegateaccess       Boolean                  CUR = false
usesamesettingsforoutgoingconnections Boolean                  CUR = true
incomingpartnerapplication            Lookup:-                 R
outgoingpartnerapplication            Lookup:-                 R
exchangeversion                       Picklist:exchangeVersion CUR = 0
processemailsreceivedafter            DateTime                 CUR
minpollingintervalinminutes           Integer:0..1440          CUR = 0
maxconcurrentconnections              Integer:1..65536         CUR
moveundeliveredemails                 Boolean                  CUR = false
sendemailalert                        Boolean                  CUR = false
timeoutmailboxconnection              Boolean                  CUR = true
timeoutmailboxconnectionafteramount   Integer:0..100000        CUR
encodingcodepage                      String:100               CUR
ownerid                               Owner:systemuser,team    CUR S
owneridtype                           EntityName               CUR S
owneremailaddress                     String:100               CUR
lastteststarttime                     DateTime                 CUR
lasttestvalidationstatus              Picklist:outcome         CUR
lastauthorizationstatus               Picklist:outcome         CUR
lasttestexecutionstatus               Picklist:execution       CUR
lasttestrequest                       Memo:2084                CUR
lasttestresponse                      Memo:2084                CUR
lastcrmmessage                        Memo:2084                CUR
lasttesttotalexecutiontime            BigInt                   CUR
statecode                             State:state              UR S = 0
statuscode                            Status:status            CUR = 1
createdby                             Lookup:systemuser        R
createdon                             DateTime                 R
createdonbehalfby                     Lookup:systemuser        R
modifiedby                            Lookup:systemuser        R
modifiedon                            DateTime                 R
modifiedonbehalfby                    Lookup:systemuser        R
organizationid                        Lookup:organization      R S
owningbusinessunit                    Lookup:-                 R
owningteam                            Lookup:team              R
owninguser                            Lookup:systemuser        R
entityimage                           Image                    CUR
entityimage_timestamp                 BigInt                   R
entityimage_url                       String:200:Url           R
entityimageid                         Uniqueidentifier         R
timezoneruleversionnumber             Integer:-1..             CUR
utcconversiontimezonecode             Integer:-1..             CUR
versionnumber                         BigInt                   R
`,
}
