# The certificates of LocalMachine\My with what can be told of their private keys.
# A key in a legacy provider is a file, and who may read the file may use the key (Microsoft, AD FS and KeySpec Property Information).

function Get-StoredCertificates {
  Get-ChildItem -LiteralPath 'Cert:\LocalMachine\My'
}

# KeySpec of a private key and, for a legacy provider, its file. 0 is a CNG key, which the property PrivateKey refuses by this error.
function Read-Key($Certificate) {
  $invalidProviderType = -2146893804
  if (-not $Certificate.HasPrivateKey) { return @{ keySpec = $null; path = $null } }
  try {
    $container = $Certificate.PrivateKey.CspKeyContainerInfo
    $folder = [System.Environment]::GetFolderPath('CommonApplicationData')
    $path = [System.IO.Path]::Combine($folder, 'Microsoft\Crypto\RSA\MachineKeys', $container.UniqueKeyContainerName)
    return @{ keySpec = [int]$container.KeyNumber; path = $path }
  }
  catch {
    if ($_.Exception.GetBaseException().HResult -eq $invalidProviderType) { return @{ keySpec = 0; path = $null } }
    return @{ keySpec = $null; path = $null }
  }
}

# SIDs that may read a key file and are not refused it; nothing where its permissions cannot be read.
function Read-KeyReaders([string]$Path) {
  $security = [System.IO.File]::GetAccessControl($Path, 'Access')
  $rules = $security.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])
  $read = [System.Security.AccessControl.FileSystemRights]::ReadData
  $reading = @($rules | Where-Object { ($_.FileSystemRights -band $read) -eq $read })
  $refused = @($reading | Where-Object { $_.AccessControlType -eq 'Deny' } | ForEach-Object { $_.IdentityReference.Value })
  $allowed = @($reading | Where-Object { $_.AccessControlType -eq 'Allow' } | ForEach-Object { $_.IdentityReference })
  $allowed | Where-Object { $refused -notcontains $_.Value } | Sort-Object -Property Value -Unique
}

function Read-Certificate($Certificate) {
  $key = Read-Key $Certificate
  $readers = $null
  if ($null -ne $key.path) {
    try { $readers = @(Read-KeyReaders $key.path | ForEach-Object { Get-AccountName $_ }) } catch { $readers = $null }
  }
  return @{
    sha256 = Get-Sha256 $Certificate.RawData
    thumbprint = [string]$Certificate.Thumbprint
    subject = [string]$Certificate.Subject
    notBefore = ConvertTo-UtcText $Certificate.NotBefore
    notAfter = ConvertTo-UtcText $Certificate.NotAfter
    hasPrivateKey = [bool]$Certificate.HasPrivateKey
    keySpec = $key.keySpec
    readers = $readers
  }
}
