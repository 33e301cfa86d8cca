# Imports the certificate where it is absent and lets accounts read its private key.

function Find-Certificate([string]$Sha256) {
  Get-StoredCertificates | Where-Object { (Get-Sha256 $_.RawData) -eq $Sha256 } | Select-Object -First 1
}

# The collection of the PFX. Its keys live only as long as this process.
function Open-Pfx([byte[]]$Bytes, [string]$Password) {
  $invalidPassword = -2147024810
  $collection = New-Object -TypeName System.Security.Cryptography.X509Certificates.X509Certificate2Collection
  try { $collection.Import($Bytes, $Password, 'Exportable, MachineKeySet') }
  catch {
    if ($_.Exception.GetBaseException().HResult -ne $invalidPassword) { throw }
    Stop-With 'WrongPassword' 'the password does not open the PFX, or this Windows cannot read its encryption (AES before Windows Server 2019)'
  }
  return , $collection
}

function New-OneTimePassword {
  $bytes = New-Object -TypeName 'byte[]' -ArgumentList 24
  $generator = New-Object -TypeName System.Security.Cryptography.RNGCryptoServiceProvider
  try { $generator.GetBytes($bytes) } finally { $generator.Dispose() }
  return [System.BitConverter]::ToString($bytes).Replace('-', '')
}

# Only certutil lets the provider be chosen, and CRM needs a legacy one with a key for exchange. It takes the password as an argument, which
# other processes can see: so it is given a copy under a password that is good for that one file, which is gone afterwards.
function Import-Collection($Collection) {
  $path = New-TemporaryFilePath '.pfx'
  $oneTime = New-OneTimePassword
  try {
    Write-ProtectedFile $path ($Collection.Export('Pfx', $oneTime))
    $provider = 'Microsoft Enhanced RSA and AES Cryptographic Provider'
    $words = @('-f', '-p', $oneTime, '-csp', $provider, '-importpfx', 'My', $path, 'AT_KEYEXCHANGE,NoExport,NoRoot')
    $Notes.changed = $true
    certutil.exe @words | Out-Null
    if ($LASTEXITCODE -ne 0) {
      Stop-With 'ScriptFailed' ('certutil could not import the certificate, exit code 0x{0:x8}' -f $LASTEXITCODE)
    }
  }
  finally { Remove-TemporaryFile $path }
}

function Import-Certificate($In, [string]$Sha256) {
  $pfx = Get-Field $In 'pfx'
  $bytes = [System.Convert]::FromBase64String([string](Get-Field $pfx 'data'))
  $collection = Open-Pfx $bytes ([string](Get-Field $pfx 'password'))
  try {
    $leaf = @($collection | Where-Object { $_.HasPrivateKey -and (Get-Sha256 $_.RawData) -eq $Sha256 })
    if ($leaf.Count -ne 1) { Stop-With 'PrivateKeyNotFound' 'the PFX does not hold the certificate with its private key' }
    Import-Collection $collection
  }
  finally { foreach ($one in $collection) { $one.Reset() } }
}

# Accounts that cannot read the key yet. Rights through a group count as none: nobody can tell which groups a service will have.
function Get-MissingReaders([string]$Path, $Accounts) {
  $present = @(Read-KeyReaders $Path | ForEach-Object { $_.Value })
  foreach ($account in $Accounts) {
    try { $sid = Get-AccountSid ([string]$account) }
    catch { Stop-With 'ScriptFailed' ('Windows does not know the account ' + $account) }
    if ($present -notcontains $sid.Value) { $sid }
  }
}

function Grant-Read([string]$Path, $Sid) {
  $file = New-Object -TypeName System.IO.FileInfo -ArgumentList $Path
  $security = $file.GetAccessControl('Access')
  $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList $Sid, 'Read', 'Allow'
  $security.AddAccessRule($rule)
  $file.SetAccessControl($security)
}

function Invoke-Script($In) {
  Assert-Administrator
  $sha256 = [string](Get-Field $In 'sha256')
  $certificate = Find-Certificate $sha256
  $imported = $false
  if ($null -eq $certificate -or -not $certificate.HasPrivateKey) {
    Write-Marker $sha256
    Import-Certificate $In $sha256
    $imported = $true
    $certificate = Find-Certificate $sha256
  }
  if ($null -eq $certificate -or -not $certificate.HasPrivateKey) {
    Stop-With 'PrivateKeyNotFound' 'after the import the store does not hold the certificate with its private key'
  }
  $key = Read-Key $certificate
  if ($null -eq $key.keySpec) { Stop-With 'PrivateKeyNotFound' 'the store names a private key that cannot be opened' }
  if ($key.keySpec -ne 1) {
    Stop-With 'WrongKeySpec' ('the private key has KeySpec {0}, and CRM needs 1' -f $key.keySpec)
  }
  $missing = @(Get-MissingReaders $key.path @(Get-Field $In 'readers'))
  if ($missing.Count -gt 0) { Write-Marker $sha256 }
  foreach ($sid in $missing) {
    Grant-Read $key.path $sid
    $Notes.changed = $true
  }
  # Once more: a service that started while this ran must be seen as started before it.
  if ($imported -or $missing.Count -gt 0) { Write-Marker $sha256 }
  $sameSubject = @(Get-StoredCertificates | Where-Object {
    $_.Subject -eq $certificate.Subject -and $_.Thumbprint -ne $certificate.Thumbprint
  })
  if ($sameSubject.Count -gt 0) {
    $Notes.warnings.Add('another certificate in the store has the same subject, and CRM finds certificates by subject') | Out-Null
  }
  return @{
    imported = $imported
    granted = @($missing | ForEach-Object { Get-AccountName $_ })
    keySpec = $key.keySpec
    sameSubject = @($sameSubject | ForEach-Object { [string]$_.Thumbprint })
  }
}
