# What belongs to all servers: the two settings, the certificate rows, the tenant id of each organization asked for. Changes nothing.
function Read-TenantId($In, $Organizations, [string]$Name) {
  $organization = Find-Organization $Organizations $Name
  if ($null -eq $organization) {
    $failure = @{ code = 'OrganizationUnknown'; message = 'the deployment has no such organization'; fullyQualifiedErrorId = '' }
    return @{ found = $false; value = $null; error = $failure }
  }
  return Read-Setting $In 'Organization' 'S2STenantId' $organization.Id
}

function Invoke-Script($In) {
  Assert-CrmSnapIn
  $rows = @(Read-Rows $In)
  $organizations = @(Read-Organizations $In)
  $tenantIds = @(foreach ($name in @(Get-Field $In 'organizations')) {
    @{ organization = [string]$name; setting = Read-TenantId $In $organizations $name }
  })
  return @{
    authorizationServer = Read-Setting $In 'ServerSettings' 'S2SDefaultAuthorizationServerPrincipalId' $null
    metadataUrl = Read-Setting $In 'ServerSettings' 'S2SDefaultAuthorizationServerMetadataUrl' $null
    rows = $rows
    tenantIds = $tenantIds
  }
}
