# One advanced setting as Get-CrmAdvancedSetting tells it. What a missing pair or an error means is decided by the caller.
function Read-Setting($In, [string]$Entity, [string]$Setting, $Id) {
  $arguments = New-CrmArguments $In @{ ConfigurationEntityName = $Entity; Setting = $Setting }
  if ($null -ne $Id) { $arguments['Id'] = $Id }
  try {
    $answer = Get-CrmAdvancedSetting @arguments
    foreach ($pair in @(Get-Field $answer 'Attributes' | Where-Object { $null -ne $_ })) {
      if ($pair.Key -eq $Setting) { return @{ found = $true; value = ConvertTo-Text $pair.Value; error = $null } }
    }
    return @{ found = $false; value = $null; error = $null }
  }
  catch {
    $failure = @{
      code = Get-FailureCode $_
      message = Get-FailureText $_
      fullyQualifiedErrorId = [string]$_.FullyQualifiedErrorId
    }
    return @{ found = $false; value = $null; error = $failure }
  }
}

# All organizations are listed, and the one of a unique name is looked up among them, so that a name nobody has differs from a failure.
function Read-Organizations($In) {
  $arguments = New-CrmArguments $In @{}
  Get-CrmOrganization @arguments
}

function Find-Organization($Organizations, [string]$Name) {
  $Organizations | Where-Object { $_.UniqueName -eq $Name } | Select-Object -First 1
}
