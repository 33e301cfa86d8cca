# Restarts the asynchronous services, one after the other, and starts those that should run and do not. A service that somebody disabled or
# stopped by hand is left as it is.
function Restart-One($Service) {
  $limit = [System.TimeSpan]::FromMinutes(5)
  $controller = New-Object -TypeName System.ServiceProcess.ServiceController -ArgumentList ([string]$Service.Name)
  try {
    if ($controller.Status -ne 'Stopped') {
      if ($controller.Status -ne 'StopPending') { $controller.Stop() }
      $controller.WaitForStatus('Stopped', $limit)
    }
    $Notes.changed = $true
    $controller.Start()
    $controller.WaitForStatus('Running', $limit)
  }
  catch [System.ServiceProcess.TimeoutException] {
    Stop-With 'ScriptFailed' ('the service ' + $Service.Name + ' did not stop and start within five minutes each')
  }
  finally { $controller.Dispose() }
}

function Invoke-Script($In) {
  Assert-Administrator
  Add-Type -AssemblyName System.ServiceProcess
  foreach ($service in @(Get-AsyncServices)) {
    $shouldRun = $service.State -ne 'Stopped' -or $service.StartMode -eq 'Auto'
    if ($service.StartMode -eq 'Disabled' -or -not $shouldRun) { continue }
    Restart-One $service
  }
  return @{ services = @(Read-AsyncServices) }
}
