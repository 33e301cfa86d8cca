// Public facts of the Dynamics 365 (on-premises) 9.x entity reference, one column per line in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Microsoft, on-premises entity reference: columns, limits, flags, messages, relationships. */
export const ORGANIZATION: TableSource = {
  name: 'organization',
  entitySet: 'organizations',
  primaryId: 'organizationid',
  primaryName: 'name',
  messages: 'Retrieve RetrieveMultiple Update',
  navigation: [['defaultemailserverprofileid', 'defaultemailserverprofileid', 'emailserverprofile', 'bindable']],
  collections: [
    ['organization_mailbox', 'mailbox', 'organizationid'],
    ['organization_emailserverprofile', 'emailserverprofile', 'organizationid'],
    ['organization_queues', 'queue', 'organizationid'],
  ],
  columns: `
organizationid                               Uniqueidentifier          R S
name                                         String:160                R S
defaultemailserverprofileid                  Lookup:emailserverprofile UR
defaultemailsettings                         String:1073741823         UR
emailconnectionchannel                       Picklist:channel          UR S = 0
requireapprovalforuseremail                  Boolean                   UR S = false
requireapprovalforqueueemail                 Boolean                   UR S = false
generatealertsforerrors                      Boolean                   UR S = true
generatealertsforwarnings                    Boolean                   UR S = true
generatealertsforinformation                 Boolean                   UR S = true
notifymailboxownerofemailserverlevelalerts   Boolean                   UR S = true
ignoreinternalemail                          Boolean                   UR S = false
emailcorrelationenabled                      Boolean                   UR S = true
enablesmartmatching                          Boolean                   UR = false
isfolderbasedtrackingenabled                 Boolean                   UR S = false
maxfolderbasedtrackingmappings               Integer:1..25             UR S = 10
maximumtrackingnumber                        Integer:0..               UR
nexttrackingnumber                           Integer                   UR
trackingprefix                               String:256                UR
trackingtokenidbase                          Integer:0..               UR
trackingtokeniddigits                        Integer                   UR
rendersecureiframeforemail                   Boolean                   UR S = false
allowunresolvedpartiesonemailsend            Boolean                   UR S = false
unresolveemailaddressifmultiplematch         Boolean                   UR S = false
resolvesimilarunresolvedemailaddress         Boolean                   UR S = false
maxuploadfilesize                            Integer:0..               UR S = 5242880
blockedattachments                           String:1073741823         UR
incomingemailexchangeemailretrievalbatchsize Integer:1..               UR
ismailboxforcedunlockingenabled              Boolean                   UR S = false
ismailboxinactivebackoffenabled              Boolean                   UR S = false
mailboxintermittentissueminrange             Integer                   UR S = 0
mailboxpermanentissueminrange                Integer                   UR S = 0
isemailserverprofilecontentfilteringenabled  Boolean                   UR S = false
expirechangetrackingindays                   Integer:0..365            UR S = 7
orgdborgsettings                             String:1073741823         UR
languagecode                                 Integer:0..               R
initialversion                               String:20                 R
isdisabled                                   Boolean                   R = false
`,
}
