module workport.example/backend

go 1.21
