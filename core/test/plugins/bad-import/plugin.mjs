throw new Error('the module threw at import');
