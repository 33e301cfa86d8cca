# The end of every script: runs it and writes the one document, past the formatter of PowerShell.
function Write-Document($Document) {
  $json = ConvertTo-Json -InputObject $Document -Depth 8 -Compress
  $data = [System.Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($json))
  $token = [string]$Request.token
  [System.Console]::Out.WriteLine('BEGIN-' + $token + $data + 'END-' + $token)
  [System.Console]::Out.Flush()
}

try {
  $result = Invoke-Script $Request.input
  Write-Document @{ v = 1; ok = $true; result = $result; changed = $Notes.changed; warnings = @($Notes.warnings) }
  exit 0
}
catch {
  $failure = @{
    code = Get-FailureCode $_
    message = Get-FailureText $_
    fullyQualifiedErrorId = [string]$_.FullyQualifiedErrorId
    category = [string]$_.CategoryInfo.Category
  }
  Write-Document @{ v = 1; ok = $false; error = $failure; changed = $Notes.changed }
  exit 1
}
