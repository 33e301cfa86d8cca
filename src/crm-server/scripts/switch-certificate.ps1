# Makes the certificate the one CRM signs with: the row S2STokenIssuer.

function Get-IssuerRows($In) {
  Read-Rows $In | Where-Object { $_.type -eq 'S2STokenIssuer' }
}

function Test-HoldsCertificate($Row, [string]$Sha256) {
  if ([string]::IsNullOrEmpty($Row.data)) { return $false }
  try { return (Get-Sha256 ([System.Convert]::FromBase64String($Row.data))) -eq $Sha256 } catch { return $false }
}

# The cmdlet takes a .cer file; the certificate in it is public.
function Set-IssuerRow($In, [byte[]]$Certificate) {
  $path = New-TemporaryFilePath '.cer'
  try {
    Write-ProtectedFile $path $Certificate
    $arguments = New-CrmArguments $In @{
      CertificateType = 'S2STokenIssuer'
      StoreName = 'My'
      StoreLocation = 'LocalMachine'
      StoreFindType = 'FindBySubjectDistinguishedName'
      DataFile = $path
    }
    Set-CrmCertificate @arguments | Out-Null
  }
  finally { Remove-TemporaryFile $path }
}

# Whether Set-CrmCertificate updates the row or inserts a second one is not documented. Only where there was exactly one row before and the
# new one stands beside it, the old one is removed.
function Remove-ReplacedRow($In, $Before, $After, [string]$Sha256) {
  if ($Before.Count -ne 1 -or $After.Count -ne 2) { return $false }
  $new = @($After | Where-Object { Test-HoldsCertificate $_ $Sha256 })
  $old = @($After | Where-Object { $_.id -eq $Before[0].id -and -not (Test-HoldsCertificate $_ $Sha256) })
  if ($new.Count -ne 1 -or $old.Count -ne 1) { return $false }
  $arguments = New-CrmArguments $In @{ Id = [System.Guid]$old[0].id; Confirm = $false }
  Remove-CrmCertificate @arguments | Out-Null
  return $true
}

function Invoke-Script($In) {
  Assert-CrmSnapIn
  $sha256 = [string](Get-Field $In 'sha256')
  $before = @(Get-IssuerRows $In)
  if ($before.Count -eq 1 -and (Test-HoldsCertificate $before[0] $sha256)) { return @{ rows = $before } }
  Set-IssuerRow $In ([System.Convert]::FromBase64String([string](Get-Field $In 'certificate')))
  $Notes.changed = $true
  $after = @(Get-IssuerRows $In)
  if (Remove-ReplacedRow $In $before $after $sha256) { $after = @(Get-IssuerRows $In) }
  return @{ rows = $after }
}
