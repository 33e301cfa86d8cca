# The two asynchronous services of CRM. Their start times are those of their processes.
function Get-AsyncServices {
  $names = 'MSCRMAsyncService', 'MSCRMAsyncService$maintenance'
  Get-CimInstance -ClassName Win32_Service | Where-Object { $names -contains $_.Name } | Sort-Object -Property Name
}

function Read-AsyncServices {
  foreach ($service in @(Get-AsyncServices)) {
    $startedAt = $null
    if ($service.ProcessId -ne 0) {
      $filter = 'ProcessId = {0}' -f [int]$service.ProcessId
      foreach ($process in @(Get-CimInstance -ClassName Win32_Process -Filter $filter)) {
        if ($null -ne $process.CreationDate) { $startedAt = ConvertTo-UtcText $process.CreationDate }
      }
    }
    @{
      name = [string]$service.Name
      account = Get-CanonicalAccount ([string]$service.StartName)
      isRunning = ($service.State -eq 'Running')
      startedAt = $startedAt
    }
  }
}
